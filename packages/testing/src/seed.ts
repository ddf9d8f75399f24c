import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** Rows made by SQL, for tests below the services: a group and its members. */
export interface SeededGroup {
  readonly chatId: string;
  readonly userIds: readonly string[];
}

export async function seedGroup(databaseUrl: string, memberCount: number): Promise<SeededGroup> {
  const chatId = randomUUID();
  const userIds = Array.from({ length: memberCount }, () => randomUUID());
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `insert into users (id, username, display_name, password_hash)
       select id, 'u' || left(id::text, 30), 'Somebody', '' from unnest($1::uuid[]) as t (id)`,
      [userIds],
    );
    await client.query(`insert into user_streams (user_id) select unnest($1::uuid[])`, [userIds]);
    await client.query(
      `insert into chats (id, type, title, created_by, member_count) values ($1, 'group', 'A group', $2, $3)`,
      [chatId, userIds[0], memberCount],
    );
    await client.query(
      `insert into members (chat_id, user_id, role, joined_seq) select $1, unnest($2::uuid[]), 'member', 0`,
      [chatId, userIds],
    );
    await client.query(`insert into marks (chat_id, user_id) select $1, unnest($2::uuid[])`, [
      chatId,
      userIds,
    ]);
  } finally {
    await client.end();
  }
  return { chatId, userIds };
}

/**
 * Groups of users who are there, `Group 1` the most recently active, each a second after the next, the newest a minute
 * ago. Resolves with their ids in that order.
 */
export async function seedGroupsOf(
  databaseUrl: string,
  userIds: readonly string[],
  count: number,
): Promise<string[]> {
  const groups = await queryDatabase<{ id: string }>(
    databaseUrl,
    `insert into chats (id, type, title, created_by, member_count, last_activity_at)
     select gen_random_uuid(), 'group', 'Group ' || n, $1, $2, now() - interval '1 minute' - n * interval '1 second'
     from generate_series(1, $3::integer) n
     returning id`,
    [userIds[0], userIds.length, count],
  );
  const chatIds = groups.map(({ id }) => id);
  const everyone = [chatIds, userIds];
  await queryDatabase(
    databaseUrl,
    `insert into members (chat_id, user_id, role, joined_seq)
     select chat_id, user_id, 'member', 0 from unnest($1::uuid[]) chat_id, unnest($2::uuid[]) user_id`,
    everyone,
  );
  await queryDatabase(
    databaseUrl,
    `insert into marks (chat_id, user_id)
     select chat_id, user_id from unnest($1::uuid[]) chat_id, unnest($2::uuid[]) user_id`,
    everyone,
  );
  return chatIds;
}

/** Runs one query against a test's database. */
export async function queryDatabase<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(text, values);
    return rows;
  } finally {
    await client.end();
  }
}
