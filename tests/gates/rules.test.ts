import { commands, events, type Route, routes } from '@natter/protocol';
import { expect, it } from 'vitest';
import { complaint } from './complaint.js';
import { readText, sourcesBelow, testTitles } from './sources.js';

const protocol = readText('docs/protocol.md');
const [described = '', afterwards = ''] = protocol.split('\n## Planned rules\n');
const [planned = ''] = afterwards.split('\n### ');

const inForce = [...described.matchAll(/^- \*\*([A-Z]+-\d+)\*\*/gm)].map(([, id]) => String(id));
const later = [...planned.matchAll(/^\| ([A-Z]+-\d+) \|/gm)].map(([, id]) => String(id));

/** The rule ids that a title begins with: a test may prove several. */
function rulesOf(title: string): string[] {
  const start = /^(?:[A-Z]+-\d+\b[\s,:/&]*)*/.exec(title)?.[0] ?? '';
  return [...start.matchAll(/[A-Z]+-\d+/g)].map(([id]) => id);
}

const proved = new Set(sourcesBelow('tests').flatMap(testTitles).flatMap(rulesOf));

it('docs/protocol.md lists each rule once', () => {
  expect(inForce.length).toBeGreaterThan(0);
  const all = [...inForce, ...later];
  expect(
    complaint(
      all.filter((id, index) => all.indexOf(id) !== index),
      'These rules are listed twice:',
    ),
  ).toBe('');
});

it('every rule in force is the start of a test title', () => {
  const missing = inForce.filter((id) => !proved.has(id));
  expect(
    complaint(missing, 'No test below tests/ begins with these rules of docs/protocol.md:'),
  ).toBe('');
});

it('no test title begins with a rule that docs/protocol.md does not have', () => {
  const families = new Set([...inForce, ...later].map((id) => id.split('-')[0]));
  const unknown = [...proved].filter(
    (id) => families.has(id.split('-')[0]) && !inForce.includes(id) && !later.includes(id),
  );
  expect(complaint(unknown, 'There are no such rules:')).toBe('');
});

it('docs/protocol.md names every route, command and event', () => {
  const names = [...Object.keys(commands), ...Object.keys(events)].map((name) => `\`${name}\``);
  const addresses = Object.values<Route>(routes).map(({ method, path }) => `| ${method} ${path} |`);
  const missing = [...names, ...addresses].filter((name) => !protocol.includes(name));
  expect(complaint(missing, 'Describe these in docs/protocol.md:')).toBe('');
});

it('every command is part of a contract test', () => {
  const tests = sourcesBelow('tests/contract')
    .map(({ text }) => text)
    .join('\n');
  const missing = Object.keys(commands).filter((name) => !tests.includes(`'${name}'`));
  expect(complaint(missing, 'No test in tests/contract sends these:')).toBe('');
});
