import { randomUUID } from 'node:crypto';
import {
  costInEarnest,
  freshName,
  PASSWORD,
  queryDatabase,
  seedGroup,
  sendRequest,
  startTestServer,
  type TestServer,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sizes } from './sizes.js';

// These rules are about time itself, so time is what is measured: pairs in turn, and medians.
// A leak shows every time, a busy machine does not: what differs is measured again.
const measuredAgain = { retry: 2 };
const PAIRS = sizes.timingPairs;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ passwordCost: costInEarnest, rateLimits: false });
});
afterAll(() => server.stop());

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}

/** Medians of two actions in milliseconds, of pairs in turn; which comes first changes with every pair. */
async function compare(
  pairs: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<[number, number]> {
  const [times, others]: [number[], number[]] = [[], []];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) {
      times.push(await timed(first));
      others.push(await timed(second));
    } else {
      others.push(await timed(second));
      times.push(await timed(first));
    }
  }
  return [median(times), median(others)];
}

/** Of what is hidden, in the time of what does not exist: medians that differ by less than 10 % or 0.2 ms (PRIV-1). */
async function expectSameTime(
  what: string,
  ask: (id: string) => Promise<unknown>,
  hidden: string,
): Promise<void> {
  const hiddenAsked = () => ask(hidden);
  const missingAsked = () => ask(randomUUID());
  await compare(50, hiddenAsked, missingAsked);
  const [foreign, missing] = await compare(PAIRS, hiddenAsked, missingAsked);
  const difference = Math.abs(foreign - missing);
  process.stdout.write(`${what}: ${foreign.toFixed(3)} against ${missing.toFixed(3)} ms\n`);
  expect(difference < 0.2 || difference / Math.max(foreign, missing) < 0.1).toBe(true);
}

it.each(['getChat', 'getHistory', 'getLog', 'joinGroup', 'leaveGroup'] as const)(
  'PRIV-1 %s answers a stranger in the time of a random id, over many pairs',
  measuredAgain,
  async (route) => {
    const [owner, stranger] = await Promise.all([server.user(), server.user()]);
    // As much to read as a chat can have, where somebody read before he asked.
    const { userIds } = await seedGroup(server.databaseUrl, 100);
    const chat = await owner.group(userIds.map((id) => ({ id })));
    const socket = await owner.connect();
    await socket.send(chat.id, 'a'.repeat(16_000));
    owner.disconnect();
    await expectSameTime(
      route,
      (id) => sendRequest(server.url, route, { params: { id }, token: stranger.token }),
      chat.id,
    );
  },
);

it.each(['getMessage', 'getReceipts', 'listReactions'] as const)(
  'PRIV-1 %s answers a stranger in the time of a random id, over many pairs',
  measuredAgain,
  async (route) => {
    const [owner, stranger] = await Promise.all([server.user(), server.user()]);
    // As much to read as a message can have, where somebody read before he asked.
    const { userIds } = await seedGroup(server.databaseUrl, 100);
    const chat = await owner.group(userIds.map((id) => ({ id })));
    const socket = await owner.connect();
    const message = await socket.send(chat.id, 'a'.repeat(16_000));
    owner.disconnect();
    await queryDatabase(
      server.databaseUrl,
      'insert into reactions (chat_id, seq, emoji, user_id) select $1, $2, $3, unnest($4::uuid[])',
      [chat.id, message.seq, '👍', userIds],
    );
    await queryDatabase(
      server.databaseUrl,
      `update marks set seen_seq = $2, delivered_seq = $2, seen_at = now(), delivered_at = now() where chat_id = $1`,
      [chat.id, message.seq],
    );
    await expectSameTime(
      route,
      (id) => sendRequest(server.url, route, { params: { id }, token: stranger.token }),
      message.id,
    );
  },
);

it.each(['getMedia', 'getMediaContent'] as const)(
  'PRIV-1 %s answers a stranger in the time of a random id, over many pairs',
  measuredAgain,
  async (route) => {
    const [owner, stranger] = await Promise.all([server.user(), server.user()]);
    const chat = await owner.group([]);
    const media = await owner.upload('a'.repeat(1_000_000));
    const body = { kind: 'media', mediaIds: [media.id], clientMessageId: randomUUID() };
    await owner.call('sendMessage', { params: { id: chat.id }, body });
    await expectSameTime(
      route,
      (id) => sendRequest(server.url, route, { params: { id }, token: stranger.token }),
      media.id,
    );
  },
);

it(
  'AUTH-1 an unknown name is refused in the time of a wrong password, over many pairs',
  measuredAgain,
  async () => {
    const user = await server.user();
    const login = (username: string) =>
      sendRequest(server.url, 'login', { body: { username, password: 'wrong password' } });
    const nobody = freshName('nobody');
    await compare(
      20,
      () => login(user.session.user.username),
      () => login(nobody),
    );
    const [known, unknown] = await compare(
      PAIRS,
      () => login(user.session.user.username),
      () => login(nobody),
    );
    process.stdout.write(`login: ${known.toFixed(2)} against ${unknown.toFixed(2)} ms\n`);
    expect(Math.abs(known - unknown) / Math.max(known, unknown)).toBeLessThan(0.05);
  },
);

it(
  'T10 AUTH-1 a wrong password with a foreign, an own and a deleted account takes the time of an unknown name',
  measuredAgain,
  async () => {
    const [user, gone, other] = await Promise.all([server.user(), server.user(), server.user()]);
    await gone.call('deleteAccount', { body: { password: PASSWORD } });
    const login = (username: string, device?: { id: string }) =>
      sendRequest(server.url, 'login', { body: { username, password: 'wrong password', device } });
    const { username } = user.session.user;
    const nobody = freshName('nobody');
    await compare(
      20,
      () => login(username),
      () => login(nobody),
    );
    for (const [what, attempt] of [
      ['own device', () => login(username, { id: user.session.device.id })],
      ['foreign device', () => login(username, { id: other.session.device.id })],
      ['deleted account', () => login(gone.session.user.username)],
    ] as const) {
      const [known, unknown] = await compare(PAIRS, attempt, () => login(nobody));
      process.stdout.write(
        `login, ${what}: ${known.toFixed(2)} against ${unknown.toFixed(2)} ms\n`,
      );
      expect(Math.abs(known - unknown) / Math.max(known, unknown)).toBeLessThan(0.05);
    }
  },
);

it.each(['getUser', 'renameDevice', 'revokeDevice'] as const)(
  'T10 PRIV-1 %s answers for what is hidden in the time of a random id, over many pairs',
  measuredAgain,
  async (route) => {
    const [user, gone, other] = await Promise.all([server.user(), server.user(), server.user()]);
    await gone.call('deleteAccount', { body: { password: PASSWORD } });
    const ask = (id: string) =>
      sendRequest(server.url, route, {
        params: { id },
        token: user.token,
        ...(route === 'renameDevice' && { body: { name: 'Mine' } }),
      });
    const hidden = route === 'getUser' ? gone.id : other.session.device.id;
    await expectSameTime(route, ask, hidden);
  },
);
