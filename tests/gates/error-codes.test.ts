import { type ErrorCode, errorCodes } from '@natter/protocol';
import { expect, it } from 'vitest';
import { complaint } from './complaint.js';
import { codeOf, isForTests, sourcesBelow } from './sources.js';

/** Codes that nothing throws yet, each with the part that will. It only ever gets shorter. */
const later: Partial<Record<ErrorCode, string>> = {};

const thrown = new Set(
  sourcesBelow('apps/server/src')
    .filter((source) => !isForTests(source))
    .flatMap((source) => [...codeOf(source).matchAll(/new NatterError\(\s*'(\w+)'/g)])
    .map(([, code]) => String(code)),
);

it('every error code is thrown somewhere, or known to come later', () => {
  const unused = errorCodes.filter((code) => !thrown.has(code) && !(code in later));
  expect(
    complaint(
      unused,
      'Nothing in apps/server/src throws these; use them, or say above when they come:',
    ),
  ).toBe('');
});

it('no code that is thrown is still on the list of those that come later', () => {
  const used = Object.keys(later).filter((code) => thrown.has(code));
  expect(complaint(used, 'Take these off the list above:')).toBe('');
});
