import { queryDatabase } from './seed.js';

/** How many connections to a database wait for a lock. */
export async function waitingForLocks(databaseUrl: string): Promise<number> {
  const rows = await queryDatabase(
    databaseUrl,
    `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}

export async function untilSomeoneWaitsForALock(databaseUrl: string): Promise<void> {
  while ((await waitingForLocks(databaseUrl)) === 0);
}

/** How many chats have entries that the search index does not have yet. */
export async function chatsBehindIndex(databaseUrl: string): Promise<number> {
  const chats = await queryDatabase(
    databaseUrl,
    `select from chats c left join search_positions p on p.chat_id = c.id
     where c.last_seq > coalesce(p.indexed_seq, 0)`,
  );
  return chats.length;
}
