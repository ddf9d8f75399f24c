import { randomUUID } from 'node:crypto';
import type { Chat, ErrorCode, Message } from '@natter/protocol';
import { DatabaseClock } from '@natter/server/database';
import {
  queryDatabase,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

// Where an operator has set them, the windows are over to the millisecond: the clock stands, and messages are made so old.
const WINDOW_MS = 3_600_000;

let server: TestServer;
let owner: TestUser;
let admin: TestUser;
let member: TestUser;
let chat: Chat;
const sockets = new Map<TestUser, TestSocket>();

beforeAll(async () => {
  server = await startTestServer({ editWindowMs: WINDOW_MS, deleteWindowMs: WINDOW_MS });
  [owner, admin, member] = await Promise.all([server.user(), server.user(), server.user()]);
  chat = await owner.group([admin, member]);
  const params = { id: chat.id, userId: admin.id };
  await owner.call('changeRole', { params, body: { role: 'admin' } });
  for (const user of [owner, admin, member]) sockets.set(user, await user.connect());
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(async () => {
  for (const user of [owner, admin, member]) user.disconnect();
  await server.stop();
});

function at(user: TestUser): TestSocket {
  const socket = sockets.get(user);
  if (!socket) throw new Error('is not connected');
  return socket;
}

/** A message of that age, from now on for ever. */
async function sentBefore(sender: TestUser, ageMs: number): Promise<Message> {
  const message = await at(sender).send(chat.id, 'hello');
  const now = Date.now();
  vi.spyOn(server.natter.application.get(DatabaseClock), 'now').mockReturnValue(now);
  const createdAt = new Date(now - ageMs);
  await queryDatabase(server.databaseUrl, 'update messages set created_at = $2 where id = $1', [
    message.id,
    createdAt,
  ]);
  return message;
}

type Outcome = 'ok' | ErrorCode;
type Door = (user: TestUser, messageId: string) => Promise<Outcome>;

function bySocket(name: 'editMessage' | 'deleteMessage', input: object): Door {
  return async (user, messageId) => {
    const answer = await at(user).answer(name, { messageId, ...input });
    return answer.ok ? 'ok' : answer.error.code;
  };
}

function byHttp(name: 'editMessage' | 'deleteMessage', request: object): Door {
  return async (user, id) => {
    const { token } = user;
    const answer = await sendRequest(server.url, name, { token, params: { id }, ...request });
    return answer.status < 400 ? 'ok' : (answer.body as { code: ErrorCode }).code;
  };
}

const edits = [
  ['socket', bySocket('editMessage', { text: 'changed' })],
  ['HTTP', byHttp('editMessage', { body: { text: 'changed' } })],
] as const;
const deletions = [
  ['socket', bySocket('deleteMessage', { scope: 'everyone' })],
  ['HTTP', byHttp('deleteMessage', { query: { scope: 'everyone' } })],
] as const;
const hidings = [
  ['socket', bySocket('deleteMessage', { scope: 'me' })],
  ['HTTP', byHttp('deleteMessage', { query: { scope: 'me' } })],
] as const;

describe.each(edits)('editing by %s', (_, edit) => {
  it('MSG-2 is over after its window, for owners and admins too', async () => {
    for (const sender of [member, admin, owner]) {
      const inside = await sentBefore(sender, WINDOW_MS);
      expect(await edit(sender, inside.id)).toBe('ok');
      const outside = await sentBefore(sender, WINDOW_MS + 1);
      expect(await edit(sender, outside.id)).toBe('FORBIDDEN');
      const { body } = await sender.call('getMessage', { params: { id: outside.id } });
      expect(body).toMatchObject({ text: 'hello' });
      expect(body.editedAt).toBeUndefined();
    }
  });
});

describe.each(deletions)('deleting for everyone by %s', (_, remove) => {
  it('MSG-3 is over after its window for members', async () => {
    const inside = await sentBefore(member, WINDOW_MS);
    expect(await remove(member, inside.id)).toBe('ok');
    const outside = await sentBefore(member, WINDOW_MS + 1);
    expect(await remove(member, outside.id)).toBe('FORBIDDEN');
    const { body } = await owner.call('getMessage', { params: { id: outside.id } });
    expect(body).toMatchObject({ text: 'hello' });
  });

  it('MSG-3 CHAT-2 is not over for owners and admins, of their own and of others', async () => {
    for (const [who, sender] of [
      [admin, member],
      [admin, admin],
      [owner, member],
      [owner, admin],
      [owner, owner],
    ] as const) {
      const { id } = await sentBefore(sender, 1000 * WINDOW_MS);
      expect(await remove(who, id)).toBe('ok');
    }
    const { id } = await sentBefore(owner, WINDOW_MS + 1);
    expect(await remove(admin, id)).toBe('FORBIDDEN');
  });

  it('MSG-3 is over in a direct chat for both, whatever they are elsewhere', async () => {
    const direct = await owner.direct(member);
    const { message } = await at(owner).command('sendMessage', {
      chatId: direct.id,
      clientMessageId: randomUUID(),
      text: 'hello',
    });
    await queryDatabase(
      server.databaseUrl,
      `update messages set created_at = created_at - interval '1 hour' - interval '1 second' where id = $1`,
      [message.id],
    );
    for (const user of [owner, member]) expect(await remove(user, message.id)).toBe('FORBIDDEN');
  });
});

describe.each(hidings)('deleting for me by %s', (_, hide) => {
  it('MSG-4 is never over', async () => {
    const { id } = await sentBefore(member, 1000 * WINDOW_MS);
    for (const user of [owner, member]) expect(await hide(user, id)).toBe('ok');
  });
});
