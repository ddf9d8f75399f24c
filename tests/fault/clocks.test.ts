import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chat } from '@natter/protocol';
import {
  callRoute,
  ChildServer,
  createTestDatabase,
  freshName,
  PASSWORD,
  sendRequest,
  type TestDatabase,
  TestSocket,
  TestUser,
} from '@natter/testing';
import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { underLoad } from './load.js';

const DAY_MS = 24 * 60 * 60_000;
/** One clock is right, the others are wrong by more than anything of ours lives: tokens, links, cursors. */
const SHIFTS_MS = [0, -40 * DAY_MS, 40 * DAY_MS] as const;
const TOKEN_SECONDS = 900;
const LEEWAY_SECONDS = 60;
const MESSAGES = 150;
const SECRET = 'a secret that only tests use, long enough';
const WRONG_CLOCK = fileURLToPath(
  new URL('../../node_modules/.cache/natter-tests/fault/wrong-clock.js', import.meta.url),
);

let database: TestDatabase;
let mediaFolder: string;
let nodes: readonly ChildServer[];
let anna: TestUser;
let chat: Chat;

beforeAll(async () => {
  database = await createTestDatabase();
  mediaFolder = await mkdtemp(join(tmpdir(), 'natter-clocks-'));
  nodes = await Promise.all(
    SHIFTS_MS.map((shiftMs) =>
      ChildServer.prepare({
        DATABASE_URL: database.url,
        DATABASE_POOL: '6',
        JWT_SECRET: SECRET,
        MEDIA_DIR: mediaFolder,
        LOG_LEVEL: 'info',
        NATTER_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
        NATTER_EDIT_WINDOW_SECONDS: '3600',
        NODE_OPTIONS: `--import ${WRONG_CLOCK}`,
        CLOCK_SHIFT_MS: String(shiftMs),
      }),
    ),
  );
  await Promise.all(nodes.map((node) => node.start()));
  const [url = ''] = nodes.map((node) => node.url);
  const ben = await TestUser.register(url, freshName());
  anna = await TestUser.register(url, freshName());
  chat = await anna.direct(ben);
});
afterAll(async () => {
  for (const node of nodes) await node.dispose();
  await database.drop();
  await rm(mediaFolder, { recursive: true });
});

/** The same session at each node. */
const atEach = () => nodes.map(({ url }) => new TestUser(url, anna.session));

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** A token of hers that began so many seconds ago. */
function tokenOf(secondsAgo: number): Promise<string> {
  const iat = nowSeconds() - secondsAgo;
  return new SignJWT({ ...decodeJwt(anna.token), iat, exp: iat + TOKEN_SECONDS })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .sign(new TextEncoder().encode(SECRET));
}

const statusOf = async (url: string, token: string) =>
  (await sendRequest(url, 'getOwnUser', { token })).status;

it('the control: the clocks of the nodes are apart', () => {
  for (const [index, { log }] of nodes.entries()) {
    const loggedAt = Number(/"time":(\d+)/.exec(log)?.[1]);
    expect(Math.abs(loggedAt - Date.now() - (SHIFTS_MS[index] ?? 0))).toBeLessThan(DAY_MS);
  }
});

it('G20 AUTH-1 AUTH-2 a login at any node holds at all of them, and for no longer than it should', async () => {
  for (const { url } of nodes) {
    const { username } = anna.session.user;
    const { body } = await callRoute(url, 'login', { body: { username, password: PASSWORD } });
    const { exp = 0 } = decodeJwt(body.accessToken);
    expect(Math.abs(exp - nowSeconds() - TOKEN_SECONDS)).toBeLessThan(LEEWAY_SECONDS);
    let { refreshToken } = body;
    for (const other of nodes) {
      expect(await statusOf(other.url, body.accessToken)).toBe(200);
      (await TestSocket.connect(other.url, { token: body.accessToken })).close();
      const refreshed = await callRoute(other.url, 'refresh', { body: { refreshToken } });
      expect(await statusOf(url, refreshed.body.accessToken)).toBe(200);
      ({ refreshToken } = refreshed.body);
    }
  }
  const nearlyOver = await tokenOf(TOKEN_SECONDS - LEEWAY_SECONDS);
  const over = await tokenOf(TOKEN_SECONDS + LEEWAY_SECONDS);
  for (const { url } of nodes) {
    expect(await statusOf(url, nearlyOver)).toBe(200);
    expect(await statusOf(url, over)).toBe(401);
  }
});

it('G20 IDEM-1 SYNC-1 a repeat is the same message at all nodes, and a cursor goes on from where it was', async () => {
  const body = { kind: 'text', text: 'once', clientMessageId: randomUUID() };
  const cursors = [];
  const sent = [];
  for (const user of atEach()) {
    const socket = await user.connect();
    cursors.push((await socket.command('sync', {})).cursor);
    const { body: answer } = await user.call('sendMessage', { params: { id: chat.id }, body });
    sent.push(answer.message);
    user.disconnect();
  }
  for (const message of sent) expect(message).toEqual(sent[0]);
  await anna.say(chat.id, 'afterwards');
  for (const cursor of cursors) {
    for (const user of atEach()) {
      const socket = await user.connect();
      const page = await socket.command('sync', { cursor });
      expect(page.reset).toBe(false);
      expect(JSON.stringify(page.entries)).toContain('afterwards');
      user.disconnect();
    }
  }
});

it('G20 MSG-2 MSG-7 MEDIA-4 what has a time has it by one clock: messages, edits and links', async () => {
  const timed = await anna.group();
  await anna.call('updateChat', { params: { id: timed.id }, body: { messageTtlMs: 3_600_000 } });
  const media = await anna.upload('a file');
  const users = atEach();
  for (const user of users) {
    const { id } = await user.say(timed.id, 'for an hour');
    const { body } = await user.call('createMediaLinks', { body: { ids: [media.id] } });
    const [link] = body;
    for (const other of users) {
      const params = { id };
      expect((await other.call('getMessage', { params })).body.text).toContain('for an hour');
      const text = `for an hour, by ${randomUUID()}`;
      expect((await other.call('editMessage', { params, body: { text } })).status).toBe(200);
      expect(await (await fetch(new URL(link?.url ?? '', other.url))).text()).toBe('a file');
    }
  }
});

it('G20 clocks that jump while people talk lose, double and reorder nothing', async () => {
  const urls = nodes.map(({ url }) => url);
  const { report } = await underLoad(
    { url: urls[0] ?? '', urls, people: 6, rooms: 1, listeners: 3 },
    async (load) => {
      for (let jump = 0; jump < 2; jump += 1) {
        await load.untilMore(MESSAGES);
        for (const { processId } of nodes) process.kill(processId, 'SIGUSR2');
      }
      await load.untilMore(MESSAGES);
    },
  );
  process.stdout.write(report);
});
