import { randomUUID } from 'node:crypto';
import { type Chat, ChatId, type Message, UserId } from '@natter/protocol';
import { openDatabase } from '@natter/server/database';
import {
  SearchIndexing,
  SearchIndexRepository,
  SearchRepository,
  SearchRun,
  SearchSegmentsRepository,
  termsOf,
  tokensOf,
} from '@natter/server/search';
import {
  chatsBehindIndex,
  createTestDatabase,
  queryDatabase,
  seedGroup,
  type SeededGroup,
  startTestServer,
  type TestDatabase,
  testConfig,
  type TestServer,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

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

/** In spans of how many messages there is a token, and the version by which the chat is indexed. */
async function stateOf(token: string) {
  const [row] = await queryDatabase(
    database.url,
    `select p.index_version as version, p.indexed_seq::integer as indexed, (
       select coalesce(sum(t.last_seq - t.seq + 1), 0)::integer from search_tokens t join search_segments s on s.chat_id = t.chat_id
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
    new SearchIndexing(node, new SearchIndexRepository(new SearchSegmentsRepository()), {
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
      new SearchIndexing(node, new SearchIndexRepository(new SearchSegmentsRepository()), {
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
  const indexing = new SearchIndexing(
    node,
    new SearchIndexRepository(new SearchSegmentsRepository()),
    {
      version: 1,
      tokensOf: (text) => {
        read += 1;
        if (read > 200) throw new Error('This took too long');
        return tokensOf(text);
      },
    },
  );
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
  await queryDatabase(database.url, 'update search_positions set index_version = 0');
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

describe('messages that are indexed as one', () => {
  let server: TestServer;
  let anna: TestUser;
  let socket: TestSocket;
  let notes: Chat;
  let sent: Message[];

  /** What the index has of the chat: the entries of each span, and its tokens. */
  const spans = () =>
    queryDatabase<{ seq: number; last_seq: number; tokens: string }>(
      database.url,
      `select seq::integer, greatest(seq, last_seq)::integer as last_seq, tokens::text
       from search_tokens where chat_id = $1 order by seq`,
      [notes.id],
    );
  const isSettled = async () => (await chatsBehindIndex(database.url)) === 0;
  const settled = () => vi.waitUntil(isSettled, SOON);

  beforeEach(async () => {
    server = await startTestServer({ databaseUrl: database.url, rateLimits: false });
    anna = await server.user();
    notes = await anna.direct(anna);
    socket = await anna.connect();
    // A pipeline: what comes within the gathering of the indexer is indexed together.
    sent = await Promise.all(
      Array.from({ length: 12 }, (_, index) => socket.send(notes.id, `common text${index}x`)),
    );
    sent = sent.toSorted((a, b) => a.seq - b.seq);
    await settled();
  });
  afterEach(async () => {
    anna.disconnect();
    await server.stop();
  });

  it('SRCH-1 are fewer rows than messages, and are found one by one', async () => {
    expect((await spans()).length).toBeLessThan(sent.length);
    for (const { text } of sent)
      expect(await textsOf(anna, text?.split(' ')[1] ?? '')).toEqual([text]);
    expect(await textsOf(anna, 'common')).toEqual(sent.map(({ text }) => text).toReversed());
    // Each word is there, and no message has both.
    expect(await textsOf(anna, 'text1x text2x')).toEqual([]);
    expect(await textsOf(anna, 'text1x te')).toEqual(['common text1x']);
    const since = sent[2]?.createdAt ?? '';
    const { body } = await anna.call('searchMessages', { query: { query: 'common', since } });
    expect(body.items.map(({ message }) => message.createdAt >= since)).not.toContain(false);
    const page = await anna.call('searchMessages', { query: { query: 'text', limit: 5 } });
    const rest = await anna.call('searchMessages', {
      query: { query: 'text', limit: 100, cursor: page.body.nextCursor ?? '' },
    });
    expect([...page.body.items, ...rest.body.items].map(({ message }) => message.seq)).toEqual(
      sent.map(({ seq }) => seq).toReversed(),
    );
  });

  it('SRCH-1 T75 keep nothing of what one of them said before an edit, or until it was deleted', async () => {
    const [first, second, third] = sent;
    if (!first || !second || !third) throw new Error('Unable to send');
    const words = [first, second].map(({ text }) => text?.split(' ')[1] ?? '');
    await socket.command('editMessage', { messageId: first.id, text: 'changed' });
    await socket.command('deleteMessage', { messageId: second.id, scope: 'everyone' });
    await settled();
    const tokens = (await spans()).map((span) => span.tokens).join(' ');
    for (const word of words) expect(tokens).not.toContain(`${word}'`);
    expect(await textsOf(anna, 'changed')).toEqual(['changed']);
    expect(await textsOf(anna, 'common')).toEqual(
      sent
        .slice(2)
        .map(({ text }) => text)
        .toReversed(),
    );
  });

  it('SRCH-1 have no entry in common, whatever becomes of them', async () => {
    // The same in every run.
    for (let step = 0; step < 200; step += 1) {
      const message = sent[(step * 7) % sent.length];
      if (!message) throw new Error('Unable to send');
      const text = step % 5 === 0 ? '!!!' : `step ${step}`;
      await socket.command('editMessage', { messageId: message.id, text });
      if (step % 4 === 0) sent.push(await socket.send(notes.id, step % 8 === 0 ? '???' : 'more'));
      if (step % 20 === 0) await settled();
    }
    await settled();
    const rows = await spans();
    for (const [place, { seq, last_seq: last }] of rows.entries()) {
      expect(last - seq).toBeLessThan(16);
      expect(rows[place + 1]?.seq ?? Number.POSITIVE_INFINITY).toBeGreaterThan(last);
    }
    const { body } = await anna.call('getHistory', {
      params: { id: notes.id },
      query: { limit: 100 },
    });
    const wanted = body.items.filter(({ text }) => text?.startsWith('step'));
    const found = await anna.call('searchMessages', { query: { query: 'step', limit: 100 } });
    expect(found.body.items.map(({ message }) => message.seq).toSorted((a, b) => a - b)).toEqual(
      wanted.map(({ seq }) => seq),
    );
    expect(wanted.length).toBeGreaterThan(5);
  });

  it('SRCH-1 may be among those that an older version indexed one by one', async () => {
    const [first, second] = sent;
    if (!first || !second) throw new Error('Unable to send');
    await queryDatabase(database.url, 'delete from search_tokens where chat_id = $1', [notes.id]);
    await queryDatabase(
      database.url,
      `insert into search_tokens (chat_id, seq, last_seq, created_at, newest_at, tokens)
       select m.chat_id, m.seq, 0, m.created_at, '-infinity',
         array_to_tsvector(array(select s.id || ':' || w from unnest(string_to_array(m.text, ' ')) w))
       from messages m join search_segments s on s.chat_id = m.chat_id and s.segment = 0
       where m.chat_id = $1`,
      [notes.id],
    );
    expect(await textsOf(anna, 'common')).toEqual(sent.map(({ text }) => text).toReversed());
    await socket.command('editMessage', { messageId: first.id, text: 'changed' });
    await settled();
    expect(await textsOf(anna, 'changed')).toEqual(['changed']);
    expect(await textsOf(anna, second.text ?? '')).toEqual([second.text]);
    expect(await spans()).toHaveLength(sent.length);
  });

  it('SRCH-1 T75 are all found by a search during which they are written anew', async () => {
    const [first] = sent;
    if (!first) throw new Error('Unable to send');
    const node = await openDatabase(testConfig(database.url), pino({ level: 'silent' }));
    class InterruptedSearch extends SearchRepository {
      override async candidates(...request: Parameters<SearchRepository['candidates']>) {
        await socket.command('deleteMessage', { messageId: first?.id ?? '', scope: 'everyone' });
        await settled();
        return super.candidates(...request);
      }
    }
    const scope = {
      reader: UserId.parse(anna.id),
      terms: termsOf('common'),
      chatId: ChatId.parse(notes.id),
      senderId: undefined,
      kind: undefined,
      since: undefined,
      until: undefined,
    };
    const search = new InterruptedSearch();
    const run = new SearchRun(search, scope, undefined, 100, performance.now() + 30_000);
    await search.inSnapshot(node, 30_000, (queries) => run.run(queries));
    expect(run.settled.map(({ seq }) => seq)).toEqual(
      expect.arrayContaining(sent.slice(1).map(({ seq }) => seq)),
    );
    await node.onApplicationShutdown();
  });
});
