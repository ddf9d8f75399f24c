import { randomUUID } from 'node:crypto';
import { ChatId, MediaId, MessageId, UserId } from '@natter/protocol';
import { openDatabase } from '@natter/server/database';
import type { MessageDraft } from '@natter/server/streams';
import {
  createTestDatabase,
  queryDatabase,
  seedGroup,
  type SeededGroup,
  type TestDatabase,
  testConfig,
} from '@natter/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { bus, busTo, type Database, draftIn, holdRow, laneOf, streamOf } from './appending.js';

let testDatabase: TestDatabase;
let database: Database;
let group: SeededGroup;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase(testConfig(testDatabase.url), pino({ level: 'silent' }));
});
afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});
beforeEach(async () => {
  group = await seedGroup(testDatabase.url, 3);
});

const draft = (overrides?: Partial<MessageDraft>) => draftIn(group, overrides);
const query = (text: string, values: unknown[]) => queryDatabase(testDatabase.url, text, values);

function lane(laneBus = bus) {
  return laneOf(testDatabase.url, database, laneBus);
}

async function uploadOf(ownerId: string | undefined): Promise<MediaId> {
  const id = MediaId.parse(randomUUID());
  await query(
    `insert into media (id, owner_id, kind, mime_type, file_name, size, sha256, opaque, voice)
     values ($1, $2, 'file', 'text/plain', 'notes.txt', 1, '', false, false)`,
    [id, ownerId],
  );
  return id;
}

it('SEQ-1 what is refused in a batch leaves no hole and no other order, in its chat and beside it', async () => {
  const other = await seedGroup(testDatabase.url, 1);
  const stranger = UserId.parse(other.userIds[0]);
  const first = draft();
  const writer = lane();
  const outcomes = await Promise.all([
    writer.append(first),
    writer.append(draft({ text: 'two' })),
    writer.append(draft({ senderId: stranger })),
    writer.append(first),
    writer.append(draft({ kind: 'system', clientMessageId: undefined, fingerprint: undefined })),
    writer.append(draft({ clientMessageId: first.clientMessageId, fingerprint: Buffer.from('x') })),
    writer.append(draft({ chatId: ChatId.parse(other.chatId), senderId: stranger })),
    writer.append(draft({ text: 'four' })),
    writer.append(draft({ replyToId: MessageId.parse(randomUUID()) })),
  ]);
  expect(outcomes).toMatchObject([
    { outcome: 'appended', message: { seq: 1 } },
    { outcome: 'appended', message: { seq: 2, text: 'two' } },
    { outcome: 'notMember' },
    { outcome: 'duplicate', messageId: first.id },
    { outcome: 'appended', message: { seq: 3, kind: 'system' } },
    { outcome: 'conflict' },
    { outcome: 'appended', message: { seq: 1 } },
    { outcome: 'appended', message: { seq: 4, text: 'four' } },
    { outcome: 'replyNotFound' },
  ]);
  const seqs = ['1', '2', '3', '4'];
  expect(await streamOf(testDatabase.url, group.chatId)).toEqual({ last_seq: '4', seqs });
  // Of what somebody sent, by which unread messages are counted.
  expect(
    await query('select ordinal from messages where chat_id = $1 order by seq', [group.chatId]),
  ).toEqual(['1', '2', '2', '3'].map((ordinal) => ({ ordinal })));
});

it('SEQ-1 a call that refuses a draft stores none of the others, in whichever chats', async () => {
  const other = await seedGroup(testDatabase.url, 1);
  const outcomes = await query(
    `select a.outcome from append_batch(
      array[$1, $2]::uuid[], array[$3, $3]::uuid[], null, array[$4, $5]::uuid[], array[$4, $5]::uuid[],
      array['same', 'same']::bytea[], array['text', 'text'], array['one', 'two'], null, null, null, null,
      array[false, false], null, array[1, 1]::bigint[], array[1, 1]::bigint[], array[true, true],
      array[0, 0]::bigint[], 140, null) a`,
    [group.chatId, other.chatId, group.userIds[0], randomUUID(), randomUUID()],
  );
  expect(outcomes).toEqual([{ outcome: 'again' }, { outcome: 'notMember' }]);
  expect(await streamOf(testDatabase.url, group.chatId)).toEqual({ last_seq: '0', seqs: [] });
});

it('IDEM-1 G16 a send that comes a hundred times in one batch costs what one does', async () => {
  const first = draft();
  const refused = draft({ replyToId: MessageId.parse(randomUUID()) });
  const writer = lane();
  let statements = 0;
  const count = () => {
    statements += 1;
  };
  database.writerPool.on('acquire', count);
  const outcomes = await Promise.all([
    writer.append(draft()),
    ...Array.from({ length: 49 }, () => writer.append(first)),
    ...Array.from({ length: 49 }, () => writer.append(refused)),
    writer.append({ ...refused, fingerprint: Buffer.from('other') }),
  ]);
  database.writerPool.off('acquire', count);
  expect(outcomes[1]).toMatchObject({ outcome: 'appended', message: { seq: 2 } });
  for (const outcome of outcomes.slice(2, 50)) {
    expect(outcome).toEqual({ outcome: 'duplicate', messageId: first.id });
  }
  for (const outcome of outcomes.slice(50, 99)) {
    expect(outcome).toEqual({ outcome: 'replyNotFound' });
  }
  expect(outcomes[99]).toEqual({ outcome: 'conflict' });
  // The first alone, then the batch as a whole, and without the one that is refused.
  expect(statements).toBe(3);
});

it('SEQ-1 what waits for held media has what follows in its chat wait behind it', async () => {
  const mediaId = await uploadOf(group.userIds[0]);
  const other = await seedGroup(testDatabase.url, 1);
  const holder = await holdRow(testDatabase.url, 'media', mediaId);
  const writer = lane();
  const elsewhere = {
    chatId: ChatId.parse(other.chatId),
    senderId: UserId.parse(other.userIds[0]),
  };
  const first = writer.append(draft(elsewhere));
  const held = [
    writer.append(draft({ kind: 'media', mediaIds: [mediaId] })),
    writer.append(draft({ text: 'behind it' })),
  ];
  const besides = await Promise.all([first, writer.append(draft(elsewhere))]);
  expect(besides).toMatchObject([{ message: { seq: 1 } }, { message: { seq: 2 } }]);
  await holder.release();
  expect(await Promise.all(held)).toMatchObject([
    { outcome: 'appended', message: { seq: 1, kind: 'media' } },
    { outcome: 'appended', message: { seq: 2, text: 'behind it' } },
  ]);
});

it('IDEM-1 a batch that is run again because its answer was lost finds all of it stored, also with media', async () => {
  const mediaId = await uploadOf(group.userIds[0]);
  const sent = draft({ kind: 'media', mediaIds: [mediaId] });
  expect(await lane().append(sent)).toMatchObject({ outcome: 'appended' });
  expect(await lane().append(sent)).toEqual({ outcome: 'duplicate', messageId: sent.id });
});

it('BLOCK-1 such a batch to somebody who blocks its sender finds each of its messages hidden from him once', async () => {
  const [low = '', high = ''] = group.userIds.slice(0, 2).toSorted();
  await query(
    `update chats set type = 'direct', direct_low = $2, direct_high = $3, high_blocks = true where id = $1`,
    [group.chatId, low, high],
  );
  const sent = [1, 2, 3].map(() => draft({ senderId: UserId.parse(low) }));
  const send = () => {
    const writer = lane();
    return Promise.all(sent.map((each) => writer.append(each)));
  };
  expect(await send()).toMatchObject(sent.map(() => ({ outcome: 'appended', silencedFor: high })));
  expect(await send()).toEqual(sent.map(({ id }) => ({ outcome: 'duplicate', messageId: id })));
  expect(
    await query('select user_id, seq from hidden where chat_id = $1 order by seq', [group.chatId]),
  ).toEqual(['1', '2', '3'].map((seq) => ({ user_id: high, seq })));
});

it("RCPT-1 a sender's marks move once for a batch, with the last that he sent", async () => {
  const [anna, ben] = group.userIds.map((id) => UserId.parse(id));
  const moves: unknown[] = [];
  const writer = lane(busTo(({ markMoves }) => moves.push(...markMoves)));
  await Promise.all([
    writer.append(draft({ senderId: anna })),
    writer.append(draft({ senderId: ben }), 'phone'),
    writer.append(draft({ senderId: ben }), 'tablet'),
    writer.append(draft({ senderId: anna }), 'laptop'),
    writer.append(draft({ senderId: ben }), 'phone'),
  ]);
  expect(moves).toMatchObject([
    { userId: anna, seenBefore: 1, deliveredBefore: 1, seenSeq: 4, deliveredSeq: 4 },
    { userId: ben, seenBefore: 0, deliveredBefore: 0, seenSeq: 5, deliveredSeq: 5 },
  ]);
  // Of two sockets each has to be told of the other's.
  expect(moves).toMatchObject([{ exceptSocketId: 'laptop' }, { exceptSocketId: undefined }]);
  expect(
    await query('select user_id, seq from mark_history where chat_id = $1 order by seq', [
      group.chatId,
    ]),
  ).toEqual([
    { user_id: anna, seq: '4' },
    { user_id: ben, seq: '5' },
  ]);
});
