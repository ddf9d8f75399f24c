import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';

const POLL_MS = 200;

/** Waits until the server has indexed every message for the search. */
export async function untilIndexed(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      `select from chats c left join search_positions p on p.chat_id = c.id
       where c.last_seq > coalesce(p.indexed_seq, 0) limit 1`,
    );
    if (rows.length === 0) return;
    await wait(POLL_MS);
  }
}
