import { randomUUID } from 'node:crypto';
import { ChatId, ClientMessageId, MessageId, UserId } from '@natter/protocol';
import type { openDatabase } from '@natter/server/database';
import { AppendWriter, type Bus, type MessageDraft } from '@natter/server/streams';
import { queryDatabase, type SeededGroup, testConfig } from '@natter/testing';
import pg from 'pg';
import { onTestFinished } from 'vitest';

export type Database = Awaited<ReturnType<typeof openDatabase>>;

/** A bus to somebody who listens to this node alone. */
export function busTo(publish: Bus['publish']): Bus {
  return { publish, subscribe: () => undefined };
}

/** A bus to nobody. */
export const bus = busTo(() => undefined);

/** Metrics that nobody reads. */
export const metrics = { watch: () => undefined, batchCommitted: () => undefined };

/** A writer with one lane: the first send goes alone, what comes with it goes together. */
export function laneOf(url: string, database: Database, laneBus = bus): AppendWriter {
  return new AppendWriter(testConfig(url, { writers: 1 }), database, laneBus, metrics);
}

/** A text of the group's first member. */
export function draftIn(
  { chatId, userIds }: SeededGroup,
  overrides: Partial<MessageDraft> = {},
): MessageDraft {
  return {
    id: MessageId.parse(randomUUID()),
    chatId: ChatId.parse(chatId),
    kind: 'text',
    senderId: UserId.parse(userIds[0]),
    clientMessageId: ClientMessageId.parse(randomUUID()),
    fingerprint: Buffer.from('same'),
    text: 'hello',
    ...overrides,
  };
}

/** The head of a chat, and every `seq` that it holds. */
export async function streamOf(
  url: string,
  chatId: string,
): Promise<{ last_seq: string; seqs: string[] }> {
  const [row] = await queryDatabase<{ last_seq: string; seqs: string[] }>(
    url,
    `select c.last_seq, array(select seq from messages where chat_id = c.id order by seq) as seqs
     from chats c where c.id = $1`,
    [chatId],
  );
  if (!row) throw new Error('There is no such chat');
  return row;
}

/** Batches that are with the database. */
export function inFlight({ writerPool }: Database): number {
  return writerPool.totalCount - writerPool.idleCount;
}

/** Locks what the statement says, as a transaction of somebody else. */
export async function hold(url: string, statement: string): Promise<{ release(): Promise<void> }> {
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query('begin');
  await holder.query(statement);
  // Its end is also that of the transaction.
  const release = () => holder.end();
  onTestFinished(release);
  return { release };
}

/** Every batch waits until it is released. */
export function holdBatches(url: string): Promise<{ release(): Promise<void> }> {
  return hold(url, 'lock table commits in access exclusive mode');
}

/** Locks a row as a transaction of somebody else. */
export function holdRow(
  url: string,
  table: 'chats' | 'media',
  id: string,
): Promise<{ release(): Promise<void> }> {
  return hold(url, `select from ${table} where id = '${id}' for no key update`);
}
