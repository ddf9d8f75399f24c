import diagnostics from 'node:diagnostics_channel';
import type { Chat, SyncOutput } from '@natter/protocol';
import {
  chatsBehindIndex,
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let chat: Chat;
let cursor: string;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Promise.all([server.user(), server.user()]);
  chat = await anna.group([ben]);
  [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  cursor = await atBen.cursor();
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

const run = (text: string, values: unknown[]) => queryDatabase(server.databaseUrl, text, values);

async function corrupt(messageId: string, column: 'system' | 'encrypted', value: string) {
  await run(`update messages set ${column} = $2 where id = $1`, [messageId, value]);
}

/** An entry of the chat that no version of the server makes, committed as others are. */
async function poisonChat(event: string, messageSeq: number, details: unknown): Promise<number> {
  const [row] = await queryDatabase<{ seq: string }>(
    server.databaseUrl,
    `with head as (update chats set last_seq = last_seq + 1 where id = $1 returning last_seq),
     change as (
       insert into changes (chat_id, seq, event, message_id, message_seq, user_id, details, created_at)
       select $1, last_seq, $2, gen_random_uuid(), $3, $4, $5, now() from head
     )
     insert into commits (chat_ids, chat_seqs) select array[$1::uuid], array[last_seq] from head
     returning chat_seqs[1] as seq`,
    [chat.id, event, messageSeq, anna.id, JSON.stringify(details)],
  );
  return Number(row?.seq);
}

/** The same on the reader's own stream. */
async function poisonUser(event: string, chatId: string | null, details: unknown): Promise<void> {
  await run(
    `with head as (update user_streams set last_seq = last_seq + 1 where user_id = $1 returning last_seq),
     event as (
       insert into user_events (user_id, user_seq, event, chat_id, details, created_at)
       select $1, last_seq, $2, $3, $4, now() from head
     )
     insert into commits (user_ids, user_seqs) select array[$1::uuid], array[last_seq] from head`,
    [ben.id, event, chatId, JSON.stringify(details)],
  );
}

async function syncedSince(): Promise<SyncOutput['entries']> {
  const { entries, reset, hasMore } = await atBen.command('sync', { cursor, limit: 500 });
  expect({ reset, hasMore }).toEqual({ reset: false, hasMore: false });
  return entries;
}

const textsOf = (entries: readonly { event: string; payload: object }[]) =>
  entries.flatMap(({ payload }) => ('text' in payload ? [payload.text] : []));

it.each([
  'null',
  '7',
  '[]',
  '{}',
  '{"type":"memberLeft"}',
  '{"type":"memberRemoved","userIds":7}',
  '{"type":"membersAdded","userIds":[null]}',
  '{"type":"chatUpdated"}',
  '{"type":"of a newer version","userIds":["x"]}',
])('T81 a system message that says %s keeps nobody from the others', async (system) => {
  const before = await atAnna.send(chat.id, 'before');
  await corrupt(before.id, 'system', system);
  const edited = await atAnna.command('editMessage', { messageId: before.id, text: 'edited' });
  expect(edited.message.system).toBeUndefined();
  await atAnna.send(chat.id, 'after');
  await atBen.next('newMessage', ({ text }) => text === 'after');
  expect(atBen.of('messageEdited')).toMatchObject([{ message: { text: 'edited' } }]);

  const params = { id: chat.id };
  expect((await ben.call('getHistory', { params })).body.items).toMatchObject([
    { seq: 1 },
    { text: 'edited' },
    { text: 'after' },
  ]);
  expect(textsOf((await ben.call('getLog', { params })).body.entries)).toEqual(['edited', 'after']);
  expect(textsOf(await syncedSince())).toEqual(['edited', 'after']);
  expect((await ben.call('getMessage', { params: { id: before.id } })).body.text).toBe('edited');
});

it.each(['{"type":"memberLeft"}', '{"type":"memberRemoved","userIds":7}', '7'])(
  'T81 a system message that says %s is brought live, and what follows it, too',
  async (system) => {
    await run(
      `with head as (
         update chats set last_seq = last_seq + 1 where id = $1 returning last_seq, last_ordinal
       ), message as (
         insert into messages (chat_id, seq, ordinal, id, kind, sender_id, system, created_at)
         select $1, last_seq, last_ordinal, gen_random_uuid(), 'system', $2, $3, now() from head
       )
       insert into commits (chat_ids, chat_seqs) select array[$1::uuid], array[last_seq] from head`,
      [chat.id, anna.id, system],
    );
    await atAnna.send(chat.id, 'after');
    await atBen.next('newMessage', ({ text }) => text === 'after');
    expect(atBen.of('newMessage').map(({ kind }) => kind)).toEqual(['system', 'text']);
  },
);

it.each(['', 'no JSON', '7', '{}', '{"scheme":1,"ciphertext":"!"}', '[{"scheme":"x"}]'])(
  'T81 an encrypted payload that is %j keeps nobody from the others',
  async (encrypted) => {
    const bad = await atAnna.send(chat.id, 'bad');
    await run(`update messages set kind = 'encrypted', text = null where id = $1`, [bad.id]);
    await corrupt(bad.id, 'encrypted', encrypted);
    await atAnna.send(chat.id, 'after', { replyToId: bad.id });
    const { body } = await ben.call('getHistory', { params: { id: chat.id } });
    expect(body.items).toMatchObject([{ seq: 1 }, { kind: 'encrypted' }, { text: 'after' }]);
    expect(body.items[1]).not.toHaveProperty('encrypted');
    expect(textsOf(await syncedSince())).toEqual(['after']);
  },
);

it.each([
  ['of a newer version', 1, null],
  ['', 1, {}],
  ['reactionChanged', 2, null],
  ['reactionChanged', 2, { emoji: 7, added: 'yes' }],
  ['reactionChanged', 2, { emoji: '👍' }],
  ['messageEdited', 999, null],
  ['messagePinned', -1, null],
  ['__proto__', 2, { toString: 1 }],
])(
  'T81 a change %j of entry %i with %j is skipped, and all else comes',
  async (event, at, details) => {
    await atAnna.send(chat.id, 'before');
    const seq = await poisonChat(event, at, details);
    await atAnna.send(chat.id, 'after');
    await atBen.next('newMessage', ({ text }) => text === 'after');
    expect(atBen.of('entrySkipped')).toEqual([{ chatId: chat.id, seq }]);
    const { body } = await ben.call('getLog', {
      params: { id: chat.id },
      query: { after: seq - 1 },
    });
    expect(body.entries).toMatchObject([{ event: 'entrySkipped' }, { payload: { text: 'after' } }]);
    expect(textsOf(await syncedSince())).toEqual(['before', 'after']);
  },
);

it('T81 events of one’s own stream that nobody understands are left out, live and by sync', async () => {
  for (const event of [
    'of a newer version',
    'chatAdded',
    'chatRemoved',
    'chatCleared',
    'messageHidden',
    'messageStarred',
    'draftChanged',
    'chatPreferencesChanged',
    'deviceAdded',
    'deviceRevoked',
  ]) {
    for (const details of [null, 7, 'text', {}, { messageId: 'x', deviceId: 'x', upToSeq: 'x' }]) {
      await poisonUser(event, null, details);
    }
  }
  const { userSeq } = await atBen.command('setDraft', { chatId: chat.id, text: 'begun' });
  expect(await atBen.next('draftChanged')).toMatchObject({ userSeq, draft: { text: 'begun' } });
  await atAnna.send(chat.id, 'after');
  await atBen.next('newMessage', ({ text }) => text === 'after');
  expect(atBen.received.filter(({ payload }) => 'userSeq' in payload)).toHaveLength(1);
  // Beside them may come again what was so before the cursor (SYNC-1).
  const synced = await syncedSince();
  const own = synced.filter(({ payload }) => 'userSeq' in payload);
  expect(own.map(({ event }) => event)).toEqual(['draftChanged']);
  expect(textsOf(synced)).toEqual(['after']);
});

it('T81 a reaction and a mention that nobody understands keep nobody from the message', async () => {
  const sent = await atAnna.send(chat.id, 'before');
  await run(
    `insert into reactions (chat_id, seq, emoji, user_id) values ($1, $2, 'no emoji', $3)`,
    [chat.id, sent.seq, ben.id],
  );
  await run(
    `insert into reactions (chat_id, seq, emoji, user_id) values ($1, $2, '👍', gen_random_uuid())`,
    [chat.id, sent.seq],
  );
  await run('update messages set mentions = array[gen_random_uuid()] where id = $1', [sent.id]);
  const { body } = await ben.call('getMessage', { params: { id: sent.id } });
  expect(body).toMatchObject({ text: 'before', reactions: [{ count: 1 }, { count: 1 }] });
  const { body: page } = await ben.call('listReactions', { params: { id: sent.id } });
  expect(page.items).toMatchObject([{ user: { id: ben.id } }]);
});

/** The rows that were read in vain while something was done, as `what seq`. */
async function unreadWhile(action: () => Promise<unknown>): Promise<string[]> {
  const readings = new Set<string>();
  const listener = (message: unknown): void => {
    const { what, seq, streamId } = message as { what: string; seq: number; streamId: string };
    if (streamId === chat.id || streamId === ben.id) readings.add(`${what} ${seq}`);
  };
  diagnostics.subscribe('natter:unreadable-row', listener);
  try {
    await action();
  } finally {
    diagnostics.unsubscribe('natter:unreadable-row', listener);
  }
  return [...readings].toSorted();
}

it('T81 every list that reads a row which nobody understands gives the rest and reports it', async () => {
  // Of the group's three: a text with a system part, an encrypted payload, and a change.
  const told = await atAnna.send(chat.id, 'needle');
  const secret = await atAnna.send(chat.id, 'bad');
  for (const { id: messageId } of [told, secret]) {
    await atBen.command('pinMessage', { messageId });
    await atBen.command('starMessage', { messageId });
  }
  await expect.poll(() => chatsBehindIndex(server.databaseUrl), { interval: 20 }).toBe(0);
  await run(`update messages set kind = 'encrypted', text = null where id = $1`, [secret.id]);
  await corrupt(secret.id, 'encrypted', 'no JSON');
  await corrupt(told.id, 'system', '{"type":"of a newer version"}');
  const changeSeq = await poisonChat('of a newer version', told.seq, null);
  // Read by the server itself, once, when it tells its sockets: not while a list is read.
  await atBen.next('entrySkipped', ({ seq }) => seq === changeSeq);
  const system = `system ${told.seq}`;
  const encrypted = `encrypted ${secret.seq}`;
  const change = `chatEvent ${changeSeq}`;

  const params = { id: chat.id };
  const lists: readonly (readonly [string, () => Promise<number>, string[]])[] = [
    ['history', async () => (await ben.readHistory(chat.id)).length, [encrypted, system]],
    ['the log', async () => (await ben.readLog(chat.id)).length, [change, encrypted, system]],
    ['sync', async () => (await syncedSince()).length, [change, encrypted, system]],
    [
      'pins',
      async () => (await ben.call('listPins', { params })).body.items.length,
      [encrypted, system],
    ],
    ['stars', async () => (await ben.call('listStars')).body.items.length, [encrypted, system]],
    [
      'a search',
      async () => {
        const { body } = await ben.call('searchMessages', { query: { query: 'needle' } });
        return body.items.length;
      },
      [system],
    ],
    ['the chats', async () => (await ben.call('listChats')).body.items.length, [encrypted]],
    ['a chat', async () => Number((await ben.readChat(chat.id)).lastSeq > 0), [encrypted]],
    ['an export', async () => (await ben.call('exportOwn')).body.length, [encrypted, system]],
    [
      'a snapshot',
      async () => (await atBen.command('joinChat', { chatId: chat.id })).messages.length,
      [encrypted, system],
    ],
  ];
  for (const [what, read, unread] of lists) {
    const found = await unreadWhile(async () => expect(await read(), what).toBeGreaterThan(0));
    expect(found, what).toEqual(unread);
  }
});

it('T81 events of one’s own stream that nobody understands are reported, those without a meaning by now are not', async () => {
  await poisonUser('of a newer version', null, null);
  await poisonUser('chatCleared', chat.id, { upToSeq: 'x' });
  await poisonUser('draftChanged', null, null);
  const { userSeq = 0 } = await atBen.command('setDraft', { chatId: chat.id, text: 'begun' });
  const bad = [userSeq - 3, userSeq - 2, userSeq - 1].map((seq) => `userEvent ${seq}`);
  expect(await unreadWhile(syncedSince)).toEqual(bad);
  await anna.call('removeMember', { params: { id: chat.id, userId: ben.id } });
  // Nothing is left to show of a draft of a chat that is not his any more, nor of its clearing.
  expect(await unreadWhile(syncedSince)).toEqual([bad[0], bad[2]]);
});
