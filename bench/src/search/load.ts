import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { isObjectOf, isString } from '../guards.js';
import { say } from '../progress.js';

/** A line of the conversation: one message of a room. */
interface Line {
  readonly room: string;
  readonly at: string;
  readonly nick: string;
  readonly text: string;
}

const isLine = isObjectOf<Line>({ room: isString, at: isString, nick: isString, text: isString });

const ROWS = 5000;

async function readLines(file: string): Promise<Line[]> {
  const bytes = createReadStream(file);
  const lines: Line[] = [];
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  for await (const text of createInterface({ input })) {
    const line: unknown = JSON.parse(text);
    if (!isLine(line)) throw new TypeError('a line is { room, at, nick, text }');
    lines.push(line);
  }
  return lines;
}

export interface Loaded {
  readonly messages: number;
  readonly groups: number;
  readonly texts: readonly string[];
}

/**
 * Writes a conversation into the tables of the streams, past the server: each room a group, each nick a user. `all` is
 * in every group, `some` in every tenth. Nothing of it is indexed: that the server does.
 */
export async function loadRooms(
  client: pg.Client,
  file: string,
  readers: { readonly all: string; readonly some: string },
): Promise<Loaded> {
  const lines = await readLines(file);
  const rooms = [...new Set(lines.map(({ room }) => room))];
  const nicks = [...new Set(lines.map(({ nick }) => nick))];
  const counts = new Map<string, number>();
  const seqs = lines.map(({ room }) => {
    const seq = (counts.get(room) ?? 0) + 1;
    counts.set(room, seq);
    return seq;
  });
  await client.query(
    `create temp table rooms as
     select name, gen_random_uuid() as id, n from unnest($1::text[]) with ordinality as i (name, n)`,
    [rooms],
  );
  await client.query(
    `create temp table nicks as select name, gen_random_uuid() as id from unnest($1::text[]) as i (name)`,
    [nicks],
  );
  await client.query(
    `insert into users (id, username, display_name, password_hash)
     select id, 'n' || left(replace(id::text, '-', ''), 31), left(name, 64), '' from nicks`,
  );
  await client.query('insert into user_streams (user_id) select id from nicks');
  await client.query(
    `insert into chats (id, type, title, created_by, member_count, last_seq, last_ordinal)
     select r.id, 'group', r.name, $1, 1, c.count, c.count
     from rooms r join unnest($2::text[], $3::bigint[]) as c (room, count) on c.room = r.name`,
    [readers.all, [...counts.keys()], [...counts.values()]],
  );
  for (let from = 0; from < lines.length; from += ROWS) {
    const part = lines.slice(from, from + ROWS);
    await client.query(
      `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
       select r.id, i.seq, i.seq, gen_random_uuid(), 'text', n.id, i.text, i.at
       from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[])
         as i (room, seq, nick, text, at)
       join rooms r on r.name = i.room join nicks n on n.name = i.nick`,
      [
        part.map(({ room }) => room),
        seqs.slice(from, from + ROWS),
        part.map(({ nick }) => nick),
        part.map(({ text }) => text),
        part.map(({ at }) => at),
      ],
    );
  }
  for (const [reader, each] of [
    [readers.all, 1],
    [readers.some, 10],
  ] as const) {
    await client.query(
      `with joined as (
         insert into members (chat_id, user_id, role, joined_seq)
         select id, $1, 'member', 0 from rooms where n % $2 = 0 returning chat_id
       ) insert into marks (chat_id, user_id) select chat_id, $1 from joined`,
      [reader, each],
    );
  }
  return { messages: lines.length, groups: rooms.length, texts: lines.map(({ text }) => text) };
}

const PER_GROUP = 1000;
/** Messages that the server indexes as one. */
const SPAN = 16;
/** How many different spans the others write. */
const POOL = 1250;
/** Of each group, where there are so many people: its owner and the owners of the next groups. */
const MEMBERS = 5;

/**
 * Generates groups of other people, whose messages say what those of the loaded conversation say. They are indexed as the
 * server would do it, but that a last span which is not full has the words of a full one.
 */
export async function generateOthers(
  client: pg.Client,
  messages: number,
  perGroup = PER_GROUP,
): Promise<void> {
  const groups = Math.ceil(messages / perGroup);
  const members = Math.min(MEMBERS, groups);
  const spanOf = (seq: string) =>
    `1 + (o.n * 7919 + (${seq} - 1) / ${SPAN} * 104729) % (select count(*) from pool)`;
  const steps: [string, unknown[]?][] = [
    [
      `create temp table pool as
       select row_number() over (order by random()) as n, s.texts,
         (select array_agg(substr(l.lexeme, strpos(l.lexeme, ':') + 1) order by l.lexeme) from unnest(t.tokens) l) as words,
         (select array_agg(array_to_string(l.positions, ',') order by l.lexeme) from unnest(t.tokens) l) as positions
       from search_tokens t
       cross join lateral (
         select array_agg(m.text order by m.seq) as texts from messages m
         where m.chat_id = t.chat_id and m.seq between t.seq and t.last_seq
       ) s
       where cardinality(s.texts) = ${SPAN} limit ${POOL}`,
    ],
    [
      `create temp table others as
       select gen_random_uuid() as id, gen_random_uuid() as user_id, n,
         timestamptz '2012-01-01' + n * interval '8 hours' as begins_at
       from generate_series(1, $1::integer) n`,
      [groups],
    ],
    [
      `insert into users (id, username, display_name, password_hash)
       select user_id, left(replace(user_id::text, '-', ''), 30), 'Owner ' || n, '' from others`,
    ],
    ['insert into user_streams (user_id) select user_id from others'],
    [
      `insert into chats (id, type, title, created_by, member_count, last_seq, last_ordinal)
       select id, 'group', 'Others ' || n, user_id, ${members}, ${perGroup}, ${perGroup} from others`,
    ],
    [
      `create temp table sharing as
       select c.id as chat_id, m.user_id, c.n = m.n as is_owner
       from others c cross join generate_series(0, ${members - 1}) k
       join others m on m.n = 1 + (c.n + k - 1) % ${groups}`,
    ],
    [
      `insert into members (chat_id, user_id, role, joined_seq)
       select chat_id, user_id, case when is_owner then 'owner' else 'member' end, 0 from sharing`,
    ],
    ['insert into marks (chat_id, user_id) select chat_id, user_id from sharing'],
    [
      `insert into search_positions (chat_id, indexed_seq, index_version)
       select o.id, ${perGroup}, (select max(index_version) from search_positions) from others o`,
    ],
    [
      `insert into search_segments (chat_id, segment, oldest_at, newest_at)
       select id, 0, begins_at, begins_at + ${perGroup} * interval '1 minute' from others`,
    ],
    [
      `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
       select o.id, m.seq, m.seq, gen_random_uuid(), 'text', o.user_id, p.texts[1 + (m.seq - 1) % ${SPAN}],
         o.begins_at + m.seq * interval '1 minute'
       from others o cross join generate_series(1, ${perGroup}) as m (seq)
       join pool p on p.n = ${spanOf('m.seq')}`,
    ],
    [
      `insert into search_tokens (chat_id, seq, last_seq, created_at, newest_at, tokens)
       select o.id, m.seq, m.last_seq, o.begins_at + m.seq * interval '1 minute',
         o.begins_at + m.last_seq * interval '1 minute',
         (select string_agg(quote_literal(s.id || ':' || word) || ':' || positions, ' ')
           from unnest(p.words, p.positions) as w (word, positions))::tsvector
       from others o join search_segments s on s.chat_id = o.id and s.segment = 0
       cross join (
         select seq, least(seq + ${SPAN - 1}, ${perGroup}) as last_seq from generate_series(1, ${perGroup}, ${SPAN}) seq
       ) m
       join pool p on p.n = ${spanOf('m.seq')}`,
    ],
  ];
  // One index of all at the end costs a fraction of an entry for each row.
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
     from pg_index i where i.indrelid in ('messages'::regclass, 'search_tokens'::regclass) and not i.indisprimary`,
  );
  const drops = indexes.map(({ name }): [string] => [`drop index ${name}`]);
  const makes = indexes.map(({ definition }): [string] => [definition]);
  await client.query(`set maintenance_work_mem = '2GB'`);
  for (const [statement, values] of [
    ...drops,
    ...steps,
    ...makes,
    ['vacuum analyze'] as [string],
  ]) {
    say(`  ${statement.trimStart().split(/\s+/).slice(0, 4).join(' ')}`);
    await client.query(statement, values);
  }
}
