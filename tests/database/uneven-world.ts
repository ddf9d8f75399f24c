import { randomUUID } from 'node:crypto';
import {
  createTestDatabase,
  chatsBehindIndex,
  queryDatabase,
  seedGroupsOf,
  startTestServer,
  type TestDatabase,
  TestUser,
} from '@natter/testing';
import { vi } from 'vitest';

export const PEOPLE = 4000;
const OWN_CHATS = 500;
const LARGE_CHAT_MESSAGES = 10_000;
/** Of the newest messages of the large chat the reader has hidden so many, and starred as many others. */
const NEWEST = 2000;
/** Of the large chat. */
const UNREAD = 100;
/** Of the pinned messages of the large chat. */
export const PINS = 16;
/** Small tables are read from end to end, whatever their indexes. */
const ROWS_OF_OTHERS = 40_000;

type Run = (statement: string, ...values: unknown[]) => Promise<{ id: string }[]>;

export interface UnevenWorld {
  readonly database: TestDatabase;
  readonly run: Run;
  readonly reader: TestUser;
  /** Is in all of the reader's chats. */
  readonly writer: TestUser;
  readonly ownChats: readonly string[];
  /** The first of them. */
  readonly largeChat: string;
  /** The second of them. */
  readonly smallChat: string;
  /** Everybody is in it. */
  readonly largeGroup: string;
  /** A file in the large chat. */
  readonly mediaId: string;
}

async function fillPeople(run: Run): Promise<string[]> {
  const people = await run(
    `with people as (
       insert into users (id, username, display_name, password_hash)
       select gen_random_uuid(), 'person-' || n, 'Person', '' from generate_series(1, ${PEOPLE}) n
       returning id
     ), streams as (insert into user_streams (user_id) select id from people)
     select id from people`,
  );
  const ids = people.map(({ id }) => id);
  // Each of them makes a group with the four that come next.
  await run(
    `with people as (select * from unnest($1::uuid[]) with ordinality as p (id, n)),
       groups as (
         insert into chats (id, type, title, created_by, member_count)
         select gen_random_uuid(), 'group', 'Others', id, 5 from people returning id, created_by
       ),
       others as (
         select g.id as chat_id, m.id as user_id from groups g join people o on o.id = g.created_by
         cross join generate_series(0, 4) k join people m on m.n = 1 + (o.n + k) % ${PEOPLE}
       ),
       marked as (insert into marks (chat_id, user_id) select chat_id, user_id from others)
     insert into members (chat_id, user_id, role, joined_seq) select chat_id, user_id, 'member', 0 from others`,
    ids,
  );
  return ids;
}

async function fillMessages(run: Run, large: string, readerId: string): Promise<void> {
  await run(
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select c.id, n, n, gen_random_uuid(), 'text', c.created_by, 'words', now()
     from chats c cross join lateral generate_series(1, case when c.id = $1 then ${LARGE_CHAT_MESSAGES} else 5 end) n`,
    large,
  );
  await run(
    `update chats c set last_seq = m.seq, last_ordinal = m.seq
     from (select chat_id, max(seq) as seq from messages group by chat_id) m where m.chat_id = c.id`,
  );
  await run(
    `update marks k set seen_seq = m.seq, delivered_seq = m.seq, seen_ordinal = m.seq
     from chats c cross join lateral (select greatest(c.last_seq - ${UNREAD}, 3) as seq) m
     where c.id = k.chat_id and k.user_id = $1`,
    readerId,
  );
}

/** A few of each chat, as the newest ones are answers to them. */
async function pinAndAnswer(run: Run, large: string): Promise<void> {
  await run(
    `update messages set pinned_at = now() where seq = 3 or chat_id = $1 and seq % 500 = 3 and seq < ${PINS} * 500`,
    large,
  );
  await run(
    `update messages m set reply_to_id = s.id, reply_to_seq = s.seq
     from chats c join messages s on s.chat_id = c.id and s.seq = 2
     where m.chat_id = c.id and (m.seq = c.last_seq or m.pinned_at is not null)`,
  );
}

/** What is kept for each person and message: much for the reader, and for everybody else one or two rows a chat. */
async function fillTheirOwn(
  run: Run,
  large: string,
  largeGroup: string,
  readerId: string,
): Promise<void> {
  for (const insert of [
    'insert into hidden (user_id, chat_id, seq) select user_id, chat_id, seq',
    'insert into stars (user_id, chat_id, seq, starred_at) select user_id, chat_id, seq - 1, now()',
  ])
    await run(
      `${insert} from (
         select user_id, chat_id, 2 as seq from members where user_id <> $1 or chat_id <> $2
         union all
         select $1, $2, n from generate_series(${LARGE_CHAT_MESSAGES - 2 * NEWEST + 2}, ${LARGE_CHAT_MESSAGES}, 2) n
       ) i`,
      readerId,
      large,
    );
  for (const statement of [
    `insert into reactions (chat_id, seq, user_id, emoji) select chat_id, 4, user_id, 'a' from members
     where chat_id <> '${largeGroup}'`,
    `insert into preferences (chat_id, user_id, cleared_seq) 
     select chat_id, user_id, case when chat_id = '${largeGroup}' then 1 else 0 end from members`,
    `insert into users (id, username, display_name, password_hash)
     select gen_random_uuid(), 'nobody-' || n, 'Nobody', '' from generate_series(1, ${ROWS_OF_OTHERS}) n`,
    `insert into changes (chat_id, seq, event, message_id, message_seq, user_id, created_at)
     select gen_random_uuid(), n, 'messagePinned', gen_random_uuid(), n, gen_random_uuid(), now()
     from generate_series(1, ${ROWS_OF_OTHERS}) n`,
    `insert into user_events (user_id, user_seq, event, chat_id, created_at)
     select gen_random_uuid(), n, 'chatAdded', gen_random_uuid(), now() from generate_series(1, ${ROWS_OF_OTHERS}) n`,
  ])
    await run(statement);
}

/**
 * One person who has much of everything among many who have little, and one large group and chat among small ones. What
 * PostgreSQL plans for most of them may look as cheap as it can get, and read everything of the one for each row.
 */
export async function createUnevenWorld(): Promise<UnevenWorld> {
  const database = await createTestDatabase();
  const run: Run = (statement, ...values) => queryDatabase(database.url, statement, values);
  const server = await startTestServer({ databaseUrl: database.url });
  const reader = await server.user();
  const writer = await server.user();
  await server.stop();
  const people = await fillPeople(run);
  const [first = ''] = people;
  const ownChats = await seedGroupsOf(database.url, [writer.id, reader.id, first], OWN_CHATS);
  const [largeGroup = ''] = await seedGroupsOf(database.url, [writer.id, reader.id, ...people], 1);
  const [large = '', smallChat = ''] = ownChats;
  await fillMessages(run, large, reader.id);
  await pinAndAnswer(run, large);
  await fillTheirOwn(run, large, largeGroup, reader.id);
  const indexing = await startTestServer({ databaseUrl: database.url });
  const sender = new TestUser(indexing.url, writer.session);
  const { id: mediaId } = await sender.upload('a file', { name: 'a.txt', type: 'text/plain' });
  await sender.call('sendMessage', {
    params: { id: large },
    body: { kind: 'media', mediaIds: [mediaId], clientMessageId: randomUUID() },
  });
  await vi.waitUntil(async () => (await chatsBehindIndex(database.url)) === 0, {
    timeout: 50_000,
    interval: 100,
  });
  await indexing.stop();
  await run('vacuum analyze');
  const chats = { ownChats, largeChat: large, smallChat, largeGroup };
  return { database, run, reader, writer, ...chats, mediaId };
}
