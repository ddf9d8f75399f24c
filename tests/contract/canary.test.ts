import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chat, Message } from '@natter/protocol';
import {
  ChildServer,
  createTestDatabase,
  freshName,
  queryDatabase,
  type TestDatabase,
  startTestServer,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { everythingRead, framesOf } from './everything-read.js';

let server: ChildServer;
let database: TestDatabase;
let author: Person;
let reader: Person;
let chat: Chat;
let canary: string;

/** A user with a device that acts and another that only listens, and every byte that it was sent. */
interface Person {
  readonly user: TestUser;
  readonly socket: TestSocket;
  readonly frames: string[];
  readonly cursor: string;
}

beforeAll(async () => {
  database = await createTestDatabase();
  server = await ChildServer.prepare({
    DATABASE_URL: database.url,
    LOG_LEVEL: 'trace',
    NATTER_RATE_LIMITS: 'off',
  });
  await server.start();
});
afterAll(async () => {
  await server.dispose();
  await database.drop();
});
beforeEach(async () => {
  canary = freshCanary();
  [author, reader] = await Promise.all([person(), person()]);
  chat = await author.user.group([reader.user]);
});
afterEach(() => {
  author.user.disconnect();
  reader.user.disconnect();
});

/** Letters alone: one word to the search, which has it as it is. */
function freshCanary(): string {
  const digits = randomUUID().replaceAll('-', '');
  return `canary${digits.replaceAll(/\d/g, (digit) => String.fromCharCode(0x67 + Number(digit)))}`;
}

async function person(): Promise<Person> {
  const user = await TestUser.register(server.url, freshName());
  const socket = await user.connect();
  const frames = framesOf(await user.connect());
  return { user, socket, frames, cursor: (await socket.command('sync', {})).cursor };
}

const sendEncrypted = ({ socket }: Person, secret: string) =>
  socket.command('sendEncryptedMessage', {
    chatId: chat.id,
    clientMessageId: randomUUID(),
    encrypted: {
      scheme: 'test',
      ciphertext: Buffer.from(secret).toString('base64'),
      header: { note: secret },
    },
  });

/** In which forms a text may lie somewhere: as it is, and as bytes. */
function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [text, bytes.toString('base64'), bytes.toString('hex')];
}

const isIn = (place: string) => formsOf(canary).some((form) => place.includes(form));

/** The tables of which a row holds the canary, in whatever column. */
async function tablesWithCanary(): Promise<string[]> {
  const tables = await queryDatabase<{ name: string }>(
    database.url,
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const holding = tables.map(
    ({ name }) =>
      `select '${name}' as name where exists (select from "${name}" t where t::text like any ($1))`,
  );
  const found = await queryDatabase<{ name: string }>(database.url, holding.join(' union all '), [
    formsOf(canary).map((form) => `%${form}%`),
  ]);
  return found.map(({ name }) => name).toSorted();
}

/** The files in the data folder, stored or under way, that have the canary in their path or their bytes. */
async function filesWithCanary(): Promise<string[]> {
  const found = await readdir(server.dataFolder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((f) => join(f.parentPath, f.name));
  const contents = await Promise.all(
    paths.map(async (path) => path + (await readFile(path, 'latin1'))),
  );
  return paths.filter((_, index) => isIn(contents[index] ?? ''));
}

async function isReadBy(
  { user, socket, cursor }: Person,
  ...messages: Message[]
): Promise<boolean> {
  const { body: chats } = await user.call('listChats');
  const all = await everythingRead(user, socket, {
    chatIds: [chat.id, ...chats.items.map(({ id }) => id)],
    messageIds: messages.map(({ id }) => id),
    mediaIds: messages.flatMap(({ media = [] }) => media.map(({ id }) => id)),
    userIds: [author.user.id, reader.user.id],
    query: canary,
    cursor,
  });
  return isIn(all);
}

/** Who can read the canary, and where else it is. */
async function whereabouts(...messages: Message[]) {
  const [byAuthor, byReader, tables] = [
    await isReadBy(author, ...messages),
    await isReadBy(reader, ...messages),
    await tablesWithCanary(),
  ];
  return { byAuthor, byReader, tables, inLog: isIn(server.log) };
}

/** Runs what takes the canary away; resolves with who was sent it since, after everybody has been sent something else. */
async function sentDuring(action: () => Promise<unknown>) {
  for (const { frames } of [author, reader]) frames.length = 0;
  await action();
  const end = randomUUID();
  await author.socket.send(chat.id, end);
  const sentTo = async ({ frames }: Person): Promise<boolean> => {
    await vi.waitUntil(() => frames.some((frame) => frame.includes(end)), { timeout: 30_000 });
    return isIn(frames.join('\n'));
  };
  return { author: await sentTo(author), reader: await sentTo(reader) };
}

const everywhere = {
  byAuthor: true,
  byReader: true,
  tables: ['messages', 'search_tokens'],
  inLog: false,
};
const nowhere = { byAuthor: false, byReader: false, tables: [], inLog: false };
const toNobody = { author: false, reader: false };

/** Waits until exactly these tables hold the canary: the index follows what is acknowledged. */
async function untilIn(tables: readonly string[]): Promise<void> {
  await expect.poll(tablesWithCanary, { timeout: 30_000 }).toEqual(tables);
}

/** A text that the search has found is everywhere. */
async function expectEverywhere(...messages: Message[]): Promise<void> {
  await untilIn(everywhere.tables);
  expect(await whereabouts(...messages)).toEqual(everywhere);
}

/** Nobody reads it from now on; what was indexed of it goes a moment later. */
async function expectNowhere(...messages: Message[]): Promise<void> {
  const { tables, ...others } = await whereabouts(...messages);
  expect({ ...others, tables: tables.filter((name) => name !== 'search_tokens') }).toEqual(nowhere);
  await untilIn([]);
}

describe('T75 T76 MSG-3 a text that is gone is nowhere', () => {
  /** Everything that a message can have around it. */
  async function surround({ id: messageId }: Message): Promise<Message> {
    const reply = await reader.socket.send(chat.id, 'a reply', { replyToId: messageId });
    await reader.socket.command('addReaction', { messageId, emoji: '👍' });
    await reader.socket.command('starMessage', { messageId });
    await author.socket.command('pinMessage', { messageId });
    await reader.socket.command('setDraft', {
      chatId: chat.id,
      text: 'begun',
      replyToId: messageId,
    });
    await reader.socket.command('messageSeen', { messageId });
    return reply;
  }

  it('after an edit: the old text', async () => {
    const sent = await author.socket.send(chat.id, `says ${canary}`);
    const reply = await surround(sent);
    await expectEverywhere(sent, reply);
    const edit = { messageId: sent.id, text: 'says nothing' };
    const sentTo = await sentDuring(() => author.socket.command('editMessage', edit));
    expect(sentTo).toEqual(toNobody);
    await expectNowhere(sent, reply);
  });

  it.each(['everyone by its author', 'everyone by an owner'])(
    'after a deletion for %s',
    async (by) => {
      const sender = by.endsWith('its author') ? author : reader;
      const sent = await sender.socket.send(chat.id, canary, { mentions: [author.user.id] });
      const reply = await surround(sent);
      await expectEverywhere(sent, reply);
      const deletion = { messageId: sent.id, scope: 'everyone' };
      const sentTo = await sentDuring(() => author.socket.command('deleteMessage', deletion));
      expect(sentTo).toEqual(toNobody);
      await expectNowhere(sent, reply);
      const { body } = await reader.user.call('getMessage', { params: { id: sent.id } });
      expect(body).not.toHaveProperty('mentions');
    },
  );

  it('after a deletion, or an edit, of an encrypted payload', async () => {
    for (const change of ['deleteMessage', 'editMessage'] as const) {
      const { message: sent } = await sendEncrypted(author, canary);
      const reply = await surround(sent);
      const unindexed = { ...everywhere, tables: ['messages'] };
      expect(await whereabouts(sent, reply)).toEqual(unindexed);
      const encrypted = { scheme: 'test', ciphertext: 'AAAA' };
      const sentTo = await sentDuring(() =>
        author.socket.command(change, { messageId: sent.id, scope: 'everyone', encrypted }),
      );
      expect(sentTo).toEqual(toNobody);
      await expectNowhere(sent, reply);
    }
  });

  it('after the deletion of a file: its name, its caption and its bytes', async () => {
    const media = await author.user.upload(`says ${canary}`, { name: `${canary}.txt` });
    const { message: sent } = await author.socket.command('sendMedia', {
      chatId: chat.id,
      clientMessageId: randomUUID(),
      mediaIds: [media.id],
      text: `about ${canary}`,
    });
    const reply = await surround(sent);
    await untilIn(['media', ...everywhere.tables]);
    expect(await whereabouts(sent, reply)).toMatchObject({ byAuthor: true, byReader: true });
    expect(await filesWithCanary()).toHaveLength(1);
    const deletion = { messageId: sent.id, scope: 'everyone' };
    const sentTo = await sentDuring(() => author.socket.command('deleteMessage', deletion));
    expect(sentTo).toEqual(toNobody);
    // The file is asked for by its id, which the tombstone does not name any more.
    expect(await isReadBy(author, { ...sent, media: [media] })).toBe(false);
    expect(await isReadBy(reader, { ...sent, media: [media] })).toBe(false);
    await untilIn([]);
    await expect.poll(filesWithCanary, { timeout: 30_000 }).toEqual([]);
    expect(await whereabouts(sent, reply)).toEqual(nowhere);
  });

  it('after a repeat of the send of a deleted message, by whichever door', async () => {
    const input = { chatId: chat.id, clientMessageId: randomUUID(), text: canary };
    const { message } = await author.socket.command('sendMessage', input);
    await author.socket.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
    const repeated = await author.socket.command('sendMessage', input);
    expect(repeated).toMatchObject({ duplicate: true, message: { id: message.id } });
    const { body } = await author.user.call('sendMessage', {
      params: { id: chat.id },
      body: { ...input, kind: 'text' },
    });
    expect(isIn(JSON.stringify([repeated, body]))).toBe(false);
    await expectNowhere(message);
  });

  it('after a refusal: texts that were never taken', async () => {
    const sent = await author.socket.send(chat.id, 'says nothing');
    await reader.socket.fail('editMessage', { messageId: sent.id, text: canary });
    await author.socket.fail('editMessage', { messageId: sent.id, text: `${canary}\0` });
    await author.socket.fail('sendMessage', {
      chatId: randomUUID(),
      clientMessageId: canary,
      text: canary,
    });
    await author.socket.fail('setDraft', { chatId: randomUUID(), text: canary });
    await author.user.fail('addReaction', { params: { id: sent.id, emoji: canary } });
    await expectNowhere(sent);
  });

  it('after the deletion of its group', async () => {
    const sent = await author.socket.send(chat.id, canary);
    const reply = await surround(sent);
    await expectEverywhere(sent, reply);
    const other = await author.user.group([reader.user]);
    const gone = chat.id;
    const sentTo = await sentDuring(async () => {
      await author.user.call('deleteChat', { params: { id: gone } });
      chat = other;
    });
    expect(sentTo).toEqual(toNobody);
    expect(await whereabouts(sent, reply)).toMatchObject({ byAuthor: false, byReader: false });
    await untilIn([]);
    expect(await whereabouts(sent, reply)).toEqual(nowhere);
  });

  it('MSG-7 after its time is over', async () => {
    await author.user.call('updateChat', {
      params: { id: chat.id },
      body: { messageTtlMs: 3_600_000 },
    });
    const sent = await author.socket.send(chat.id, canary);
    await author.user.call('updateChat', {
      params: { id: chat.id },
      body: { messageTtlMs: null },
    });
    const reply = await surround(sent);
    await expectEverywhere(sent, reply);
    const sentTo = await sentDuring(() =>
      queryDatabase(database.url, 'update messages set expires_at = now() where id = $1', [
        sent.id,
      ]),
    );
    expect(sentTo).toEqual(toNobody);
    expect(await whereabouts(sent, reply)).toMatchObject({ byAuthor: false, byReader: false });
    // A server that starts does not wait for the time of its next sweep.
    const sweeper = await startTestServer({ databaseUrl: database.url });
    await untilIn([]);
    await sweeper.stop();
    expect(await whereabouts(sent, reply)).toEqual(nowhere);
  });
});

describe('T76 a draft that is gone is nowhere', () => {
  it.each([
    ['replaced', { text: 'another' }],
    ['emptied', { text: '' }],
    ['taken away', {}],
  ])('after it was %s', async (_, draft) => {
    await author.socket.command('setDraft', { chatId: chat.id, text: canary });
    expect(await whereabouts()).toEqual({
      ...everywhere,
      byReader: false,
      tables: ['preferences'],
    });
    const sentTo = await sentDuring(() =>
      author.socket.command('setDraft', { chatId: chat.id, ...draft }),
    );
    expect(sentTo).toEqual(toNobody);
    await expectNowhere();
  });

  it('after its writer has left', async () => {
    await reader.socket.command('setDraft', { chatId: chat.id, text: canary });
    await reader.socket.command('leaveChat', { chatId: chat.id });
    await expectNowhere();
  });
});

describe('T75 MSG-4 a text that is hidden is nowhere for him alone', () => {
  it.each(['deleted for me', 'cleared'])('after it was %s', async (how) => {
    const sent = await author.socket.send(chat.id, canary);
    const reply = await author.socket.send(chat.id, 'a reply', { replyToId: sent.id });
    await reader.socket.command('starMessage', { messageId: sent.id });
    await author.socket.command('pinMessage', { messageId: sent.id });
    await expectEverywhere(sent, reply);
    const hide = () =>
      how === 'cleared'
        ? reader.socket.command('clearChat', { chatId: chat.id, upToSeq: sent.seq })
        : reader.socket.command('deleteMessage', { messageId: sent.id, scope: 'me' });
    const sentTo = await sentDuring(async () => {
      await hide();
      // What happens to it from now on, and to what quotes it.
      await author.socket.command('addReaction', { messageId: sent.id, emoji: '👍' });
      await author.socket.command('editMessage', { messageId: sent.id, text: `again ${canary}` });
      await author.socket.command('editMessage', { messageId: reply.id, text: 'another reply' });
      await author.socket.send(chat.id, 'one more reply', { replyToId: sent.id });
    });
    expect(sentTo).toEqual({ author: true, reader: false });
    expect(await whereabouts(sent, reply)).toEqual({ ...everywhere, byReader: false });
  });
});

it('T76 MSG-5 a forwarded copy keeps its text when its source is deleted, and loses it by its own deletion', async () => {
  const notes = await author.user.direct(author.user);
  const sent = await author.socket.send(chat.id, canary);
  const { messages } = await author.socket.command('forwardMessage', {
    messageId: sent.id,
    chatIds: [notes.id],
    clientMessageIds: [randomUUID()],
  });
  await author.socket.command('deleteMessage', { messageId: sent.id, scope: 'everyone' });
  await untilIn(everywhere.tables);
  expect(await whereabouts(sent, ...messages)).toEqual({ ...everywhere, byReader: false });
  await author.socket.command('deleteMessage', { messageId: messages[0]?.id, scope: 'everyone' });
  await expectNowhere(sent, ...messages);
});
