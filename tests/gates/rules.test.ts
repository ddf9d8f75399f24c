import { commands, events, type Route, routes } from '@natter/protocol';
import { expect, it } from 'vitest';
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
  expect(later.length).toBeGreaterThan(0);
  const all = [...inForce, ...later];
  expect(all.filter((id, index) => all.indexOf(id) !== index)).toEqual([]);
});

it('every rule in force is the start of a test title', () => {
  const missing = inForce.filter((id) => !proved.has(id));
  expect(
    missing,
    'These rules of docs/protocol.md have no test below tests/ that begins with their id',
  ).toEqual([]);
});

it('no test title begins with a rule that docs/protocol.md does not have', () => {
  const families = new Set([...inForce, ...later].map((id) => id.split('-')[0]));
  const unknown = [...proved].filter(
    (id) => families.has(id.split('-')[0]) && !inForce.includes(id) && !later.includes(id),
  );
  expect(unknown).toEqual([]);
});

it('docs/protocol.md names every route, command and event', () => {
  const names = [...Object.keys(commands), ...Object.keys(events)].map((name) => `\`${name}\``);
  const addresses = Object.values<Route>(routes).map(({ method, path }) => `| ${method} ${path} |`);
  expect([...names, ...addresses].filter((name) => !protocol.includes(name))).toEqual([]);
});

it('every command is part of a contract test', () => {
  const tests = sourcesBelow('tests/contract')
    .map(({ text }) => text)
    .join('\n');
  const missing = Object.keys(commands).filter((name) => !tests.includes(`'${name}'`));
  expect(missing).toEqual([]);
});
