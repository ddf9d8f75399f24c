import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readOptions } from './options.js';
import { runFault } from './run.js';

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'natter-fault-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function read(...args: string[]) {
  const result = readOptions(args);
  if (!('options' in result)) throw new Error(JSON.stringify(result));
  return result.options;
}

it('people talk while things are broken, and a checker of its own process finds nothing wrong', async () => {
  const said: string[] = [];
  const size = ['--seconds', '2', '--people', '4', '--rooms', '2', '--listeners', '1'];
  const breaking = ['--weather', 'poor', '--break', 'echo broken; exit 3', '--every', '1'];
  const ledgers = ['--ledgers', join(folder, 'ledgers')];
  const options = read('--url', server.url, ...size, ...breaking, ...ledgers);
  const { isWell, report } = await runFault(options, (line) => said.push(line));
  expect(report).toContain('lost 0, duplicated 0, reordered 0\nphantom 0, altered 0\n');
  expect(report).toMatch(/^2 rooms, \d+ lines: [1-9]\d* acknowledged, 0 refused, 0 unresolved\n/);
  expect(isWell).toBe(true);
  expect(said).toContain('Broke: echo broken; exit 3, exit status 3');
  expect(said).toContain('broken');
});

it.each([
  [['--seconds', '0'], '--seconds'],
  [['--weather', 'fine'], "--weather takes 'fair', 'poor' or 'stormy'"],
  [['--url', 'natter'], '--url takes an address such as http://localhost:3000'],
  [['--people', '3', '--rooms', '2', '--listeners', '2'], '--people are too few'],
  [['--unheard'], "Unknown option '--unheard'"],
])('%j is told as the problem that it is', (args, problem) => {
  const result = readOptions(args);
  expect('problem' in result ? result.problem : '').toContain(problem);
});
