import type pg from 'pg';

/** What people who read find in the database. */
export interface ReadableChats {
  readonly bigChatId: string;
  readonly chatIds: readonly string[];
}

export interface Fill {
  /** Users who are there, and will be members of all chats. */
  readonly memberIds: readonly string[];
  readonly chats: number;
  readonly messagesEach: number;
  /** Of one chat more. */
  readonly bigChatMessages: number;
}

/** Others in every chat, which so is larger than those in which everybody hears of everybody's marks at once. */
const OTHERS = 40;

/** Words of everyday, of which each text has some. */
const WORDS =
  'station train coffee morning letter garden window bridge river market summer winter answer question paper ' +
  'music evening dinner kitchen corner doctor teacher friend brother sister village mountain holiday ticket island ' +
  'harbour picture weather sunday monday basket bottle candle carpet castle cheese church circle cousin dragon ' +
  'engine farmer flower forest hammer jacket ladder lemon mirror needle orange pencil pillow pocket rabbit';

/** How many different numbered words there are, of which each text has one. */
const NUMBERED = 10_000;

/** What people search for in these texts: frequent and rare words, beginnings, several words, and what is nowhere. */
export const QUERIES: readonly string[] = [
  'station',
  'number1234',
  'mount',
  'number77',
  'river market',
  'window number43',
  'nowhere',
];

/** A text of about a dozen words that follows from the number `n` of its message. */
const TEXT = `(select string_agg(w.words[1 + (n * k * k + k * 31) % cardinality(w.words)], ' ' order by k)
  from generate_series(1, 12) k) || ' number' || (n * 7919) % ${NUMBERED}`;

/**
 * Writes chats and their messages into the tables of the streams, past the server: it must be started anew, and has to
 * index them.
 */
export async function fillReadable(
  client: pg.Client,
  { memberIds, chats, messagesEach, bigChatMessages }: Fill,
): Promise<ReadableChats> {
  await client.query(
    `create temp table others as select gen_random_uuid() as id, n from generate_series(1, ${OTHERS}) n`,
  );
  await client.query(
    `insert into users (id, username, display_name, password_hash)
     select id, 'other-' || n, 'Other ' || n, '' from others`,
  );
  await client.query('insert into user_streams (user_id) select id from others');
  await client.query(
    `create temp table readable as
     select gen_random_uuid() as id, n, case when n = 0 then $3::bigint else $2::bigint end as messages
     from generate_series(0, $1::integer) n`,
    [chats, messagesEach, bigChatMessages],
  );
  await client.query(
    `insert into chats (id, type, title, created_by, member_count, last_seq, last_ordinal, created_at, last_activity_at)
     select id, 'group', 'Readable ' || n, $1, $2, messages, messages, now() - interval '100 days', now() - n * interval '1 minute'
     from readable`,
    [memberIds[0], memberIds.length + OTHERS],
  );
  for (const statement of [
    `insert into members (chat_id, user_id, role, joined_seq)
     select r.id, u.id, 'member', 0
     from readable r, (select unnest($1::uuid[]) as id union all select id from others) u`,
    `insert into marks (chat_id, user_id)
     select r.id, u.id from readable r, (select unnest($1::uuid[]) as id union all select id from others) u`,
  ]) {
    await client.query(statement, [memberIds]);
  }
  await client.query(
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select r.id, s.seq, s.seq, gen_random_uuid(), 'text', o.id,
       (select ${TEXT} from (values (r.n + s.seq * 13)) as i (n)),
       now() - interval '99 days' + s.seq * interval '1 minute'
     from (select string_to_array($1, ' ') as words) w, readable r
     cross join lateral generate_series(1, r.messages) as s (seq)
     join others o on o.n = 1 + s.seq % ${OTHERS}`,
    [WORDS],
  );
  const { rows } = await client.query<{ id: string; n: number }>(
    'select id, n from readable order by n',
  );
  const [big, ...others] = rows.map(({ id }) => id);
  if (big === undefined) throw new Error('Unable to read; there is no chat');
  return { bigChatId: big, chatIds: others };
}
