import {
  chatsBehindIndex,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

// What a text costs must follow its length. What it costs is time, so time is measured, but never as such: that of a
// text is compared with that of one four times as long, which is four times as much at most, and 16 times where every
// character looks at all others.
const FACTOR = 4;
const SHORT = 8 * 1024;
const MOST = 1.75 * FACTOR;
const ROUNDS = 3;

let server: TestServer;
let anna: TestUser;
let socket: TestSocket;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false, limits: { textBytes: 240 * 1024 } });
  anna = await server.user();
  socket = await anna.connect();
});
afterAll(async () => {
  anna.disconnect();
  await server.stop();
});

const repeated = (part: string, length: number) =>
  part.repeat(Math.ceil(length / part.length)).slice(0, length - (length % part.length));

const TEXTS: readonly (readonly [string, (length: number) => string])[] = [
  ['letters', (length) => repeated('a', length)],
  ['words', (length) => repeated('ab ', length)],
  ['white space', (length) => `x${repeated(' ', length)}x`],
  ['capitals before a small letter', (length) => `${repeated('A', length)}a`],
  ['parts of a name', (length) => repeated('aB1', length)],
  ['letters that fold', (length) => repeated('ßÆ', length)],
  ['a mark again and again', (length) => `a${repeated('\u0301', length)}`],
  ['marks that change places', (length) => `a${repeated('\u0301\u0316', length)}`],
  ['marks of four places', (length) => `и${repeated('\u0345\u0301\u0316\u0334', length)}`],
  [
    'marks that change places, on an ideograph',
    (length) => `漢${repeated('\u0301\u0316', length)}`,
  ],
  ['marks that change places, on nothing', (length) => repeated('\u0301\u0316', length)],
  ['letters with a mark each', (length) => repeated('e\u0301', length)],
  ['Hindi', (length) => repeated('की', length)],
  ['ideographs', (length) => repeated('漢', length)],
  ['Thai with its marks', (length) => repeated('ก\u0e49', length)],
  ['joiners', (length) => repeated('👩\u200d', length)],
  ['skin tones', (length) => `👋${repeated('🏽', length)}`],
  ['flags', (length) => repeated('🇩🇪', length)],
  ['variation selectors', (length) => `❤${repeated('\ufe0f', length)}`],
  ['joiners in a word', (length) => `a${repeated('\u200d', length)}`],
  ['what nobody sees', (length) => `a${repeated('\u200b', length)}`],
  ['digits of many scripts', (length) => repeated('1१', length)],
  ['punctuation', (length) => repeated('([{<.', length)],
];

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

interface Cost {
  edit: number;
  index: number;
  search: number;
}

/** What an edit to a text costs, then its indexing, then a search that finds it by its first word and by itself. */
async function costOf(chatId: string, text: string): Promise<Cost> {
  const { id: messageId } = await socket.send(chatId, 'before');
  const edit = await timed(() =>
    socket.command('editMessage', { messageId, text: `needle ${text}` }),
  );
  const index = await timed(async () => {
    while ((await chatsBehindIndex(server.databaseUrl)) > 0);
  });
  const search = await timed(async () => {
    const own = Array.from(text).slice(0, 100).join('');
    const { body } = await anna.call('searchMessages', { query: { query: 'needle', chatId } });
    expect(body.items.map(({ message }) => message.id)).toContain(messageId);
    await anna.call('searchMessages', { query: { query: `needle ${own}`, chatId } });
  });
  return { edit, index, search };
}

/** The least of some rounds: another program only ever adds. */
async function leastCost(text: string): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const chat = await anna.group();
    costs.push(await costOf(chat.id, text));
  }
  const least = (what: keyof Cost) => Math.min(...costs.map((cost) => cost[what]));
  return { edit: least('edit'), index: least('index'), search: least('search') };
}

it.each(TEXTS)(
  'T58 %s cost what their length is, to edit, index and search',
  { retry: 2 },
  async (name, textOf) => {
    const short = await leastCost(textOf(SHORT));
    const long = await leastCost(textOf(FACTOR * SHORT));
    const shown = (['edit', 'index', 'search'] as const).map(
      (what) => `${what} ${short[what].toFixed(1)} to ${long[what].toFixed(1)} ms`,
    );
    process.stdout.write(`${name}: ${shown.join(', ')}\n`);
    for (const what of ['edit', 'index', 'search'] as const) {
      expect(long[what] / short[what], what).toBeLessThan(MOST);
    }
  },
);
