import { ChatId } from '@natter/protocol';
import { DatabaseClock, openDatabase } from '@natter/server/database';
import { MessagesRepository } from '@natter/server/messages';
import {
  SearchIndexing,
  SearchIndexRepository,
  SearchSegmentsRepository,
  tokenizer,
} from '@natter/server/search';
import {
  createTestDatabase,
  queryDatabase,
  seedGroup,
  type TestDatabase,
  testConfig,
} from '@natter/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';

let database: TestDatabase;
let node: Awaited<ReturnType<typeof openDatabase>>;
let chatId: ChatId;

beforeEach(async () => {
  database = await createTestDatabase();
  node = await openDatabase(testConfig(database.url), pino({ level: 'silent' }));
  const { chatId: id, userIds } = await seedGroup(database.url, 2);
  chatId = ChatId.parse(id);
  await run(
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at, expires_at)
     select $1, n, n, gen_random_uuid(), 'text', $2, 'number ' || n, now(),
       case when n > 1 then now() + interval '1 hour' end
     from generate_series(1, 3) n`,
    [chatId, userIds[0]],
  );
  await run('update chats set last_seq = 3, last_ordinal = 3 where id = $1', [chatId]);
});
afterEach(async () => {
  await node.onApplicationShutdown();
  await database.drop();
});

const run = (text: string, values: unknown[]) =>
  queryDatabase<{ seq: string }>(database.url, text, values);

/** The time of the second message is over. */
const expire = () =>
  run(`update messages set expires_at = now() where chat_id = $1 and seq = 2`, [chatId]);
/** Resolves with how many were purged. */
const purge = () => new MessagesRepository(node, new DatabaseClock(new Date())).purgeExpired(500);

async function indexed(): Promise<number[]> {
  const rows = await run('select seq from search_tokens where chat_id = $1 order by seq', [chatId]);
  return rows.map(({ seq }) => Number(seq));
}

/** An index to which something happens after the messages were read, or before their tokens are written. */
class InterruptedIndex extends SearchIndexRepository {
  constructor(
    private readonly interruptions: { read?: () => Promise<void>; write?: () => Promise<void> },
  ) {
    super(new SearchSegmentsRepository());
  }

  override async messagesIn(...request: Parameters<SearchIndexRepository['messagesIn']>) {
    const messages = await super.messagesIn(...request);
    await this.interruptions.read?.();
    return messages;
  }

  override async write(...request: Parameters<SearchIndexRepository['write']>) {
    await this.interruptions.write?.();
    await super.write(...request);
  }
}

it('MSG-7 SRCH-1 what is purged after the indexer has read it gets no tokens', async () => {
  let purged = 0;
  const read = async () => {
    await expire();
    purged += await purge();
  };
  const indexing = new SearchIndexing(node, new InterruptedIndex({ read }), tokenizer);
  expect(await indexing.catchUp([chatId])).toEqual({ left: [], advanced: true });
  expect(purged).toBe(1);
  expect(await indexed()).toEqual([1, 3]);
});

it('MSG-7 SRCH-1 nor does it get them back from what indexes all of a chat again', async () => {
  const first = new SearchIndexing(
    node,
    new SearchIndexRepository(new SearchSegmentsRepository()),
    tokenizer,
  );
  await first.catchUp([chatId]);
  expect(await indexed()).toEqual([1, 2, 3]);
  let purged = 0;
  const read = async () => {
    await expire();
    purged += await purge();
  };
  const newer = { ...tokenizer, version: tokenizer.version + 1 };
  const again = new SearchIndexing(node, new InterruptedIndex({ read }), newer);
  expect(await again.reindex()).toBe('more');
  expect(purged).toBe(1);
  expect(await indexed()).toEqual([1, 3]);
});

it('MSG-7 SRCH-1 what the indexer is writing is not purged before it is written, and is then', async () => {
  const free: number[][] = [];
  const write = async () => {
    const rows = await run(
      'select seq from messages where chat_id = $1 order by seq for no key update skip locked',
      [chatId],
    );
    free.push(rows.map(({ seq }) => Number(seq)));
  };
  const indexing = new SearchIndexing(node, new InterruptedIndex({ write }), tokenizer);
  await indexing.catchUp([chatId]);
  // Who changes what has no timer is not held up.
  expect(free).toEqual([[1]]);
  expect(await indexed()).toEqual([1, 2, 3]);
  await expire();
  expect(await purge()).toBe(1);
  expect(await indexed()).toEqual([1, 3]);
});

it('MSG-7 SRCH-1 what has expired gets no tokens, and its purge is not held up', async () => {
  await expire();
  let purged = 0;
  const write = async () => {
    purged += await purge();
  };
  const indexing = new SearchIndexing(node, new InterruptedIndex({ write }), tokenizer);
  await indexing.catchUp([chatId]);
  expect(purged).toBe(1);
  expect(await indexed()).toEqual([1, 3]);
});
