import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runCheck } from './check/program.js';
import { Progress } from './replay/progress.js';
import { replay } from './replay/replay.js';
import { startCuttingProxy } from './testing/cutting-proxy.js';
import { startTamperingProxy, type Tamper, type WireMessage } from './testing/tampering-proxy.js';

const FIXTURE = fileURLToPath(new URL('fixtures/room.jsonl', import.meta.url));
const LINES = 200;
const ALL_WELL = 'lost 0, duplicated 0, reordered 0\nphantom 0, altered 0\n';

let server: TestServer;
let folder: string;
/** The ledgers of one replay of the fixture; tests that change any work on a copy. */
let ledgers: string;
const cleanUps: (() => Promise<void>)[] = [];

function replayTo(url: string, name: string): Promise<string> {
  const options = {
    file: FIXTURE,
    url,
    rooms: 1,
    speed: 'max' as const,
    ledgers: join(folder, name),
  };
  return replay(options, new Progress({ write: () => undefined }));
}

async function checkOf(...args: string[]): Promise<{ status: number; output: string }> {
  let output = '';
  const write = (text: string): void => {
    output += text;
  };
  const status = await runCheck(args, { stdout: { write }, stderr: { write } });
  return { status, output };
}

/** What the checker says where the server's history is not what it was. */
async function checkTampered(tamper: Tamper, of = ledgers) {
  const proxy = await startTamperingProxy(server.url, tamper);
  cleanUps.push(() => proxy.stop());
  return checkOf('--ledgers', of, '--url', proxy.url);
}

/** A line of the source is at the `seq` after its number: the room begins with a system message. */
function seqOf(line: number): number {
  return line + 1;
}

/** Tampers with the page that ends with the last line. */
function afterLast(extra: (last: WireMessage) => WireMessage): Tamper {
  return (page) =>
    page.flatMap((message) =>
      message.seq === seqOf(LINES) ? [message, extra(message)] : [message],
    );
}

async function filesOf(path: string, suffix: string): Promise<string[]> {
  return (await readdir(path))
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(path, name));
}

/** Changes the lines of files of a ledger folder. */
async function rewrite(path: string, suffix: string, change: (line: string) => string | undefined) {
  for (const file of await filesOf(path, suffix)) {
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    const changed = lines.flatMap((line) => change(line) ?? []);
    await writeFile(file, changed.map((line) => `${line}\n`).join(''));
  }
}

async function copyOfLedgers(name: string): Promise<string> {
  const copy = join(folder, name);
  await cp(ledgers, copy, { recursive: true });
  return copy;
}

beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'natter-replay-test-'));
  ledgers = await replayTo(server.url, 'ledgers');
});
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

it('a replayed room is whole: every line is there once, in order and unchanged', async () => {
  const { status, output } = await checkOf('--ledgers', ledgers);
  expect(output).toContain(`${LINES} acknowledged, 0 refused, 0 unresolved`);
  expect(output).toContain(ALL_WELL);
  expect(status).toBe(0);
});

it('a second run, through connections that break while answers are under way, is whole too', async () => {
  const proxy = await startCuttingProxy(server.url, 60);
  cleanUps.push(() => proxy.stop());
  const broken = await replayTo(proxy.url, 'broken');
  const { status, output } = await checkOf('--ledgers', broken, '--url', server.url);
  expect(output).toContain(`${LINES} acknowledged, 0 refused, 0 unresolved`);
  expect(output).toContain(ALL_WELL);
  expect(status).toBe(0);

  expect(proxy.cuts()).toBeGreaterThan(1);
  const files = [
    ...(await filesOf(broken, '.ledger.jsonl')),
    ...(await filesOf(broken, '.live.jsonl')),
  ];
  const written = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  expect(written, 'a send was tried again').toContain('"type":"unknown"');
  expect(written, 'its first try had got through').toContain('"duplicate":true');
  expect(written, 'the listener caught up').toContain('"source":"log"');
});

it('a lost line turns the check red and is named', async () => {
  const { status, output } = await checkTampered((page) =>
    page.filter(({ seq }) => seq !== seqOf(42)),
  );
  expect(output).toContain('lost 1, duplicated 0, reordered 0\nphantom 0, altered 0\n');
  expect(output).toMatch(/lost: .*\n  2004-12-25\.train-c: line 42 by /);
  expect(status).toBe(1);
});

it('a doubled line turns the check red and is named', async () => {
  const copy = {
    id: '019f0000-0000-7000-8000-000000000000',
    clientMessageId: 'another',
    seq: seqOf(LINES + 1),
  };
  const { status, output } = await checkTampered(afterLast((last) => ({ ...last, ...copy })));
  expect(output).toContain('lost 0, duplicated 1, reordered 0\nphantom 0, altered 0\n');
  expect(output).toMatch(/duplicated: .*\n  2004-12-25\.train-c: line 200 by .* again at seq 202/);
  expect(status).toBe(1);
});

it('a message that the history shows twice turns the check red', async () => {
  const { status, output } = await checkTampered(afterLast((last) => last));
  expect(output).toContain('lost 0, duplicated 1, reordered 0\nphantom 0, altered 0\n');
  expect(status).toBe(1);
});

it('two lines that changed places turn the check red and are named', async () => {
  const swapped = new Map([
    [seqOf(42), seqOf(43)],
    [seqOf(43), seqOf(42)],
  ]);
  const { status, output } = await checkTampered((page) =>
    page
      .map((message) => ({ ...message, seq: swapped.get(message.seq) ?? message.seq }))
      .toSorted((a, b) => a.seq - b.seq),
  );
  expect(output).toContain('lost 0, duplicated 0, reordered 1\nphantom 0, altered 0\n');
  expect(output).toMatch(
    /reordered: .*\n  2004-12-25\.train-c: line 42 by .* at seq 44, line 43 by .* at 43/,
  );
  expect(status).toBe(1);
});

it('an altered line turns the check red and is named', async () => {
  const { status, output } = await checkTampered((page) =>
    page.map((message) =>
      message.seq === seqOf(42) ? { ...message, text: `${message.text} ` } : message,
    ),
  );
  expect(output).toContain('lost 0, duplicated 0, reordered 0\nphantom 0, altered 1\n');
  expect(output).toMatch(/altered: .*\n  2004-12-25\.train-c: line 42 by .* another text/);
  expect(status).toBe(1);
});

it('a line that nobody sent turns the check red', async () => {
  const { status, output } = await checkTampered(
    afterLast((last) => ({
      ...last,
      id: 'x',
      clientMessageId: 'x',
      seq: seqOf(LINES + 1),
      text: 'never said',
    })),
  );
  expect(output).toContain('lost 0, duplicated 0, reordered 0\nphantom 1, altered 0\n');
  expect(status).toBe(1);
});

it('a line without an answer is fine whether it never arrived or did', async () => {
  const unanswered = await copyOfLedgers('unanswered');
  await rewrite(unanswered, '.ledger.jsonl', (line) =>
    line.includes(`"line":${LINES},`) && line.startsWith('{"type":"ok"')
      ? line.replace('{"type":"ok"', '{"type":"unknown","reason":"planted"')
      : line,
  );
  const arrived = await checkOf('--ledgers', unanswered);
  expect(arrived).toMatchObject({
    status: 0,
    output: expect.stringContaining('0 refused, 0 unresolved'),
  });

  await rewrite(unanswered, '.live.jsonl', (line) =>
    line.includes(`"seq":${seqOf(LINES)},`) ? undefined : line,
  );
  const never = await checkTampered(
    (page) => page.filter(({ seq }) => seq !== seqOf(LINES)),
    unanswered,
  );
  expect(never).toMatchObject({
    status: 0,
    output: expect.stringContaining('0 refused, 1 unresolved'),
  });
});

it('a line that a listening device did not receive turns the check red', async () => {
  const deaf = await copyOfLedgers('deaf');
  await rewrite(deaf, '.live.jsonl', (line) =>
    line.includes(`"seq":${seqOf(42)},`) ? undefined : line,
  );
  const { status, output } = await checkOf('--ledgers', deaf);
  expect(output).toMatch(/live: .*\n  2004-12-25\.train-c: seq 44 came after 42/);
  expect(status).toBe(1);
});

it('a line of the source that was never sent turns the check red', async () => {
  const silent = await copyOfLedgers('silent');
  await rewrite(silent, '.ledger.jsonl', (line) =>
    line.includes('"line":42,') ? undefined : line,
  );
  const { status, output } = await checkOf('--ledgers', silent);
  expect(output).toMatch(/unsent: .*\n  2004-12-25\.train-c: line 42 by /);
  expect(status).toBe(1);
});

it('a source file that was not the one replayed is refused', async () => {
  const other = join(folder, 'other.jsonl');
  const [first = '', ...rest] = (await readFile(FIXTURE, 'utf8')).split('\n');
  await writeFile(other, [first, ...rest.slice(1)].join('\n'));
  const { status, output } = await checkOf('--ledgers', ledgers, '--file', other);
  expect(output).toContain('the source file is not the one that was replayed');
  expect(status).toBe(1);
});
