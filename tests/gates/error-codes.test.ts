import { errorCodes } from '@natter/protocol';
import { expect, it } from 'vitest';
import { complaint } from './complaint.js';
import { codeOf, isForTests, sourcesBelow } from './sources.js';

const thrown = new Set(
  sourcesBelow('apps/server/src')
    .filter((source) => !isForTests(source))
    .flatMap((source) => [...codeOf(source).matchAll(/new NatterError\(\s*'(\w+)'/g)])
    .map(([, code]) => String(code)),
);

it('every error code is thrown somewhere', () => {
  const unused = errorCodes.filter((code) => !thrown.has(code));
  expect(complaint(unused, 'Nothing in apps/server/src throws these:')).toBe('');
});
