import { type Kysely, sql } from 'kysely';

const JOINED = 'join members m on m.chat_id = i.chat_id and m.user_id = named.user_id';
const LOOKED_UP = `cross join lateral (
            select m.user_id from members m where m.chat_id = i.chat_id and m.user_id = named.user_id offset 0
          ) m`;

/**
 * Nothing that is stored changes: a mention is looked up and not joined with all members, and who has cleared a chat up to
 * a message is found without those who have not (docs/adr/0021-lookups.md).
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ definition: string }>`
    select pg_get_functiondef(oid) as definition from pg_proc
    where proname = 'append_batch' and pg_function_is_visible(oid)`.execute(database);
  if (rows.length === 0) throw new Error('Unable to change append_batch; it is not there');
  // There are two: 0020-append-places left that of 0018-append-stages for nodes of an older version.
  for (const { definition } of rows) {
    if (!definition.includes(JOINED)) {
      throw new Error('Unable to change append_batch; it is not as it was made');
    }
    await sql.raw(definition.replace(JOINED, LOOKED_UP)).execute(database);
  }

  await sql`
    create index preferences_cleared on preferences (chat_id, cleared_seq) where cleared_seq > 0`.execute(
    database,
  );
  await sql`
    create or replace function hidden_from(p_chat_id uuid, p_seq bigint) returns uuid[]
    language sql stable
    as $$
      select array_agg(o.user_id) from (
        select h.user_id from hidden h
        cross join lateral (
          select from members m where m.chat_id = h.chat_id and m.user_id = h.user_id offset 0
        ) m
        where h.chat_id = p_chat_id and h.seq = p_seq
        union
        select p.user_id from preferences p
        where p.chat_id = p_chat_id and p.cleared_seq > 0 and p.cleared_seq >= p_seq
      ) o
    $$`.execute(database);
}
