import type { Chat, SyncOutput } from '@natter/protocol';
import {
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
  cursor = (await atBen.command('sync', {})).cursor;
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
  expect((await syncedSince()).map(({ event }) => event)).toEqual(['draftChanged', 'newMessage']);
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
