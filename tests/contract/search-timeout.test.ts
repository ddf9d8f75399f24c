import type { SearchPage } from '@natter/protocol';
import {
  chatsBehindIndex,
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

const GROUPS = 12;

let server: TestServer;
let anna: TestUser;
/** The newest first. */
let texts: string[];

beforeEach(async () => {
  server = await startTestServer();
  anna = await server.user();
  const socket = await anna.connect();
  texts = [];
  for (let number = 1; number <= GROUPS; number += 1) {
    const chat = await anna.group();
    texts.unshift((await socket.send(chat.id, `apple ${number}`)).text ?? '');
  }
  await indexed();
});
afterEach(async () => {
  anna.disconnect();
  await server.stop();
});

async function indexed(): Promise<void> {
  await expect.poll(() => chatsBehindIndex(server.databaseUrl), { interval: 20 }).toBe(0);
}

async function search(query: object = {}): Promise<SearchPage> {
  return (await anna.call('searchMessages', { query: { query: 'apple', ...query } })).body;
}

const textsOf = ({ items }: SearchPage) => items.map(({ message }) => message.text);

it('SRCH-1 T54 is partial where nothing can be read of the index, and holds nobody up', async () => {
  const holder = new pg.Client({ connectionString: server.databaseUrl });
  await holder.connect();
  await holder.query('begin');
  await holder.query('lock table search_tokens in access exclusive mode');
  // More than a node runs at once: the others wait for their turn, and for no connection.
  const searches = Promise.all(Array.from({ length: 6 }, () => search()));
  expect((await anna.call('listChats')).body.items).toHaveLength(GROUPS);
  for (const page of await searches) expect(page).toMatchObject({ items: [], partial: true });
  await holder.query('rollback');
  await holder.end();
  const page = await search();
  expect(page.partial).toBeUndefined();
  expect(textsOf(page)).toEqual(texts);
});

it('SRCH-1 is partial where the index is slow, with what it knows by then, and goes on from there', async () => {
  // The newest are found as ever, and every older one takes a second of the database.
  await queryDatabase(server.databaseUrl, 'alter table search_tokens rename to fast_tokens');
  await queryDatabase(
    server.databaseUrl,
    `create view search_tokens as select * from fast_tokens t
     where t.created_at >= (select created_at from fast_tokens order by created_at desc offset 3 limit 1)
       or pg_sleep(1) is not null`,
  );
  const first = await search();
  expect(first.partial).toBe(true);
  expect(textsOf(first)).toEqual(texts.slice(0, 4));

  await queryDatabase(server.databaseUrl, 'drop view search_tokens');
  await queryDatabase(server.databaseUrl, 'alter table fast_tokens rename to search_tokens');
  const rest = await search({ cursor: first.nextCursor });
  expect(rest.partial).toBeUndefined();
  expect([...textsOf(first), ...textsOf(rest)]).toEqual(texts);
});
