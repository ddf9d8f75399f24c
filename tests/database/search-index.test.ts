import { randomUUID } from 'node:crypto';
import { ChatId } from '@natter/protocol';
import { openDatabase } from '@natter/server/database';
import { SearchIndexing, SearchIndexRepository, tokensOf } from '@natter/server/search';
import {
  createTestDatabase,
  queryDatabase,
  seedGroup,
  type SeededGroup,
  startTestServer,
  type TestDatabase,
  testConfig,
  TestUser,
} from '@natter/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** More than one transaction indexes. */
const MESSAGES = 2500;
const SOON = { timeout: 10_000, interval: 50 };

let database: TestDatabase;
let group: SeededGroup;
let chatId: ChatId;

beforeEach(async () => {
  database = await createTestDatabase();
  group = await seedGroup(database.url, 2);
  chatId = ChatId.parse(group.chatId);
});
afterEach(() => database.drop());

async function seedMessages(count: number): Promise<void> {
  await queryDatabase(
    database.url,
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select $1, n, n, gen_random_uuid(), 'text', $2, 'number ' || n, now() from generate_series(1, $3::integer) n`,
    [chatId, group.userIds[0], count],
  );
  await queryDatabase(
    database.url,
    'update chats set last_seq = $2, last_ordinal = $2 where id = $1',
    [chatId, count],
  );
}

/** How many messages have a token, and the version by which the chat is indexed. */
async function stateOf(token: string) {
  const [row] = await queryDatabase(
    database.url,
    `select p.tokens_version as version, p.indexed_seq::integer as indexed, (
       select count(*)::integer from search_tokens t join search_segments s on s.chat_id = t.chat_id
         and s.segment = t.seq / 4096
       where t.chat_id = p.chat_id and t.tokens @@ quote_literal(s.id || ':' || $2)::tsquery
     ) as found
     from search_positions p where p.chat_id = $1`,
    [chatId, token],
  );
  return row;
}

async function textsOf(user: TestUser, query: string): Promise<(string | undefined)[]> {
  const { body } = await user.call('searchMessages', { query: { query } });
  return body.items.map(({ message }) => message.text);
}

it('SRCH-1 what an older version of the tokens indexed is indexed again, step by step', async () => {
  await seedMessages(MESSAGES);
  const node = await openDatabase(testConfig(database.url), pino({ level: 'silent' }));
  const indexing = (version: number, extra: string) =>
    new SearchIndexing(node, new SearchIndexRepository(), {
      version,
      tokensOf: (text) => [...tokensOf(text), extra],
    });
  const first = indexing(1, 'older');
  while ((await first.catchUp([chatId])).left.length > 0);
  expect(await stateOf('older')).toEqual({ version: 1, indexed: MESSAGES, found: MESSAGES });
  expect(await first.reindex()).toBe('done');

  const second = indexing(2, 'newer');
  expect(await second.reindex()).toBe('more');
  const halfway = await stateOf('newer');
  expect(halfway).toMatchObject({ version: 1, indexed: MESSAGES });
  expect(halfway?.['found']).toBeGreaterThan(0);
  expect(halfway?.['found']).toBeLessThan(MESSAGES);
  while ((await second.reindex()) === 'more');
  expect(await stateOf('newer')).toEqual({ version: 2, indexed: MESSAGES, found: MESSAGES });
  expect((await stateOf('older'))?.['found']).toBe(0);
  await node.onApplicationShutdown();
});

it('SRCH-1 of nodes that index at once each message is indexed once, and none waits for another', async () => {
  await seedMessages(MESSAGES);
  const node = await openDatabase(testConfig(database.url), pino({ level: 'silent' }));
  const written: string[] = [];
  const nodes = Array.from(
    { length: 3 },
    () =>
      new SearchIndexing(node, new SearchIndexRepository(), {
        version: 1,
        tokensOf: (text) => {
          written.push(text);
          return tokensOf(text);
        },
      }),
  );
  await Promise.all(
    nodes.map(async (indexing) => {
      while ((await indexing.catchUp([chatId])).left.length > 0);
    }),
  );
  expect(written).toHaveLength(MESSAGES);
  expect(new Set(written).size).toBe(MESSAGES);
  expect(await stateOf('number')).toMatchObject({ indexed: MESSAGES, found: MESSAGES });
  await node.onApplicationShutdown();
});

it('SRCH-1 what is too much to be indexed at once is indexed in smaller parts', async () => {
  await seedMessages(MESSAGES);
  const node = await openDatabase(testConfig(database.url), pino({ level: 'silent' }));
  let read = 0;
  const indexing = new SearchIndexing(node, new SearchIndexRepository(), {
    version: 1,
    tokensOf: (text) => {
      read += 1;
      if (read > 200) throw new Error('This took too long');
      return tokensOf(text);
    },
  });
  let failures = 0;
  for (let isBehind = true; isBehind;) {
    read = 0;
    try {
      isBehind = (await indexing.catchUp([chatId])).left.length > 0;
    } catch {
      failures += 1;
    }
  }
  expect(failures).toBeGreaterThan(0);
  expect(await stateOf('number')).toMatchObject({ indexed: MESSAGES, found: MESSAGES });
  await node.onApplicationShutdown();
});

it('SRCH-1 a server that starts indexes what no server did, and again what an older one did', async () => {
  const first = await startTestServer({ databaseUrl: database.url });
  const anna = await first.user();
  const notes = await anna.direct(anna);
  const atAnna = await anna.connect();
  await atAnna.send(notes.id, 'indexed long ago');
  await vi.waitFor(async () => expect(await textsOf(anna, 'long')).toHaveLength(1), SOON);
  anna.disconnect();
  await first.stop();
  await queryDatabase(
    database.url,
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     values ($1, 2, 2, $2, 'text', $3, 'never indexed', now())`,
    [notes.id, randomUUID(), anna.id],
  );
  await queryDatabase(
    database.url,
    'update chats set last_seq = 2, last_ordinal = 2 where id = $1',
    [notes.id],
  );
  await queryDatabase(database.url, 'update search_positions set tokens_version = 0');
  await queryDatabase(
    database.url,
    `update search_tokens set tokens = array_to_tsvector(array['other'])`,
  );

  const second = await startTestServer({ databaseUrl: database.url });
  const there = new TestUser(second.url, anna.session);
  await vi.waitFor(async () => {
    expect(await textsOf(there, 'indexed')).toEqual(['never indexed', 'indexed long ago']);
  }, SOON);
  await second.stop();
});
