import { type Kysely, sql } from 'kysely';

/**
 * The two functions that append to streams; nothing else takes a `seq` or a `userSeq`.
 *
 * `append_batch` must stay two statements: under READ COMMITTED only a statement that starts after the chats are
 * locked sees what was committed while it waited for them. Its settings pin the plan to index lookups, because a
 * generic plan made on empty tables would scan them for as long as the connection lives.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create function append_batch(
      p_chat_ids uuid[], p_sender_ids uuid[], p_device_ids uuid[], p_message_ids uuid[], p_client_ids uuid[],
      p_fingerprints bytea[], p_kinds text[], p_texts text[], p_mentions text[], p_systems jsonb[],
      p_lock_timeout_ms integer
    ) returns table (
      outcome text, message_id uuid, seq bigint, created_at timestamptz(3), mentions uuid[],
      username text, display_name text
    )
    language plpgsql volatile
    set plan_cache_mode = force_generic_plan
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off
    set enable_bitmapscan = off
    as $$
    #variable_conflict use_column
    declare
      v_locked uuid[];
      v_now timestamptz(3);
    begin
      if p_lock_timeout_ms is null then
        select array_agg(l.id) into v_locked from (
          select c.id from chats c where c.id = any (p_chat_ids) order by c.id for no key update skip locked
        ) l;
      else
        perform set_config('lock_timeout', p_lock_timeout_ms::text, true);
        select array_agg(l.id) into v_locked from (
          select c.id from chats c where c.id = any (p_chat_ids) order by c.id for no key update
        ) l;
      end if;
      v_now := clock_timestamp();

      return query
      with input as (
        select * from unnest(
          p_chat_ids, p_sender_ids, p_device_ids, p_message_ids, p_client_ids,
          p_fingerprints, p_kinds, p_texts, p_mentions, p_systems
        ) with ordinality as i (
          chat_id, sender_id, device_id, message_id, client_id, fingerprint, kind, text, mentions, system, position
        )
      ), judged as (
        select
          i.*, c.last_seq, c.last_ordinal, u.username, u.display_name,
          prior.id as prior_id, prior.seq as prior_seq,
          case
            when m.user_id is null then 'notMember'
            when c.id is null then 'busy'
            when prior.id is not null and prior.fingerprint = i.fingerprint then 'duplicate'
            when prior.id is not null then 'conflict'
            when i.kind <> 'system' and c.send_setting = 'admins' and m.role = 'member' then 'forbidden'
            when i.client_id is not null and row_number() over same_client_id > 1 then 'twin'
            else 'appended'
          end as outcome
        from input i
        left join members m on m.chat_id = i.chat_id and m.user_id = i.sender_id
        left join chats c on c.id = i.chat_id and c.id = any (v_locked)
        left join users u on u.id = i.sender_id
        left join messages prior
          on prior.chat_id = i.chat_id and prior.sender_id = i.sender_id and prior.client_message_id = i.client_id
        window same_client_id as (partition by i.chat_id, i.sender_id, i.client_id order by i.position)
      ), numbered as (
        select
          j.*,
          j.last_seq + count(*) filter (where j.outcome = 'appended') over chat_order as seq,
          j.last_ordinal
            + count(*) filter (where j.outcome = 'appended' and j.kind <> 'system') over chat_order as ordinal,
          case when j.mentions is not null and j.outcome = 'appended' then (
            select array_agg(mm.user_id order by named.place)
            from unnest(j.mentions::uuid[]) with ordinality named (user_id, place)
            join members mm on mm.chat_id = j.chat_id and mm.user_id = named.user_id
          ) end as known_mentions
        from judged j
        window chat_order as (partition by j.chat_id order by j.position)
      ), inserted as (
        insert into messages (
          chat_id, seq, ordinal, id, kind, sender_id, sender_device_id, client_message_id, fingerprint,
          text, mentions, system, created_at
        )
        select
          n.chat_id, n.seq, n.ordinal, n.message_id, n.kind, n.sender_id, n.device_id, n.client_id, n.fingerprint,
          n.text, n.known_mentions, n.system, v_now
        from numbered n where n.outcome = 'appended'
      ), heads as (
        select n.chat_id, max(n.seq) as seq, max(n.ordinal) as ordinal
        from numbered n where n.outcome = 'appended' group by n.chat_id
      ), moved_heads as (
        update chats c
        set last_seq = h.seq, last_ordinal = h.ordinal, last_activity_at = greatest(c.last_activity_at, v_now)
        from heads h where c.id = h.chat_id
      ), moved_marks as (
        update marks k
        set delivered_seq = s.seq, seen_seq = s.seq, seen_ordinal = s.ordinal
        from (
          select n.chat_id, n.sender_id, max(n.seq) as seq, max(n.ordinal) as ordinal
          from numbered n where n.outcome = 'appended' and n.kind <> 'system' group by n.chat_id, n.sender_id
        ) s where k.chat_id = s.chat_id and k.user_id = s.sender_id
      ), committed as (
        insert into commits (chat_ids, chat_seqs)
        select array_agg(h.chat_id), array_agg(h.seq) from heads h having count(*) > 0
      )
      select
        case
          when n.outcome <> 'twin' then n.outcome
          when n.fingerprint = first_value(n.fingerprint) over same_client_id then 'duplicate'
          else 'conflict'
        end,
        case
          when n.outcome = 'twin' then first_value(n.message_id) over same_client_id
          else coalesce(n.prior_id, n.message_id)
        end,
        case
          when n.outcome = 'twin' then first_value(n.seq) over same_client_id
          else coalesce(n.prior_seq, n.seq)
        end,
        v_now, n.known_mentions, n.username, n.display_name
      from numbered n
      window same_client_id as (partition by n.chat_id, n.sender_id, n.client_id order by n.position)
      order by n.position;
    end
    $$`.execute(database);

  // The caller has locked the streams of those whom it knew of; here are the rest, of members who came meanwhile.
  // Those locks come out of order, and a deadlock by them is undone and run again (`StreamChanges`).
  await sql`
    create function append_user_events(
      p_user_ids uuid[], p_events text[], p_chat_ids uuid[], p_details jsonb[]
    ) returns table (user_seq bigint)
    language plpgsql volatile
    as $$
    #variable_conflict use_column
    declare
      v_now timestamptz(3);
    begin
      perform from user_streams s where s.user_id = any (p_user_ids) order by s.user_id for no key update;
      v_now := clock_timestamp();
      return query
      with numbered as (
        select i.*, s.last_seq + row_number() over (partition by i.user_id order by i.position) as user_seq
        from unnest(p_user_ids, p_events, p_chat_ids, p_details)
          with ordinality as i (user_id, event, chat_id, details, position)
        join user_streams s on s.user_id = i.user_id
      ), inserted as (
        insert into user_events (user_id, user_seq, event, chat_id, details, created_at)
        select n.user_id, n.user_seq, n.event, n.chat_id, n.details, v_now from numbered n
      ), heads as (
        select n.user_id, max(n.user_seq) as user_seq from numbered n group by n.user_id
      ), moved_heads as (
        update user_streams s set last_seq = h.user_seq from heads h where s.user_id = h.user_id
      ), committed as (
        insert into commits (user_ids, user_seqs)
        select array_agg(h.user_id), array_agg(h.user_seq) from heads h having count(*) > 0
      )
      select n.user_seq from numbered n order by n.position;
    end
    $$`.execute(database);
}
