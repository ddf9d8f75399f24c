import { type Kysely, sql } from 'kysely';

/**
 * `append_batch` whose cost does not follow the size of a chat; all that 0014-append-media says of it holds here. Its plan
 * is made once for a connection, on a fresh server while the tables are empty and any index that begins with the chat
 * looks as good as another: repeats and what a message quotes were searched in all of its chat. What ends in `offset 0` is
 * planned by itself, and its conditions are the beginning of one index alone. Media are looked for once, and only where a
 * message names some.
 *
 * The index of the search takes new messages into its list of pending ones; the indexer empties it after each batch, so
 * that each list of a token is written once for a batch, and not once for every message in it.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`drop index messages_client_id`.execute(database);
  await sql`
    create unique index messages_client_id on messages (sender_id, client_message_id, chat_id)
    where client_message_id is not null`.execute(database);
  await sql`
    create or replace function append_batch(
      p_chat_ids uuid[], p_sender_ids uuid[], p_device_ids uuid[], p_message_ids uuid[], p_client_ids uuid[],
      p_fingerprints bytea[], p_kinds text[], p_texts text[], p_mentions text[], p_encrypted text[], p_systems jsonb[],
      p_reply_ids uuid[], p_forwarded boolean[], p_media_ids text[], p_preview_length integer, p_lock_timeout_ms integer
    ) returns table (
      outcome text, message_id uuid, seq bigint, created_at timestamptz(3), mentions uuid[],
      username text, display_name text, avatar text, media json,
      reply_sender_id uuid, reply_kind text, reply_text text, reply_hidden_from uuid[],
      delivered_before bigint, seen_before bigint, expires_at timestamptz(3), silenced_for uuid
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
      v_named uuid[];
      v_media uuid[];
      v_now timestamptz(3);
    begin
      select array_agg(named.id) into v_named
      from unnest(p_media_ids) list, unnest(list::uuid[]) named (id) where list is not null;

      if p_lock_timeout_ms is null then
        select array_agg(l.id) into v_locked from (
          select c.id from chats c where c.id = any (p_chat_ids) order by c.id for no key update skip locked
        ) l;
        if v_named is not null then
          select array_agg(l.id) into v_media from (
            select x.id from media x where x.id = any (v_named) order by x.id for no key update skip locked
          ) l;
        end if;
      else
        perform set_config('lock_timeout', p_lock_timeout_ms::text, true);
        select array_agg(l.id) into v_locked from (
          select c.id from chats c where c.id = any (p_chat_ids) order by c.id for no key update
        ) l;
        if v_named is not null then
          select array_agg(l.id) into v_media from (
            select x.id from media x where x.id = any (v_named) order by x.id for no key update
          ) l;
        end if;
      end if;
      v_now := clock_timestamp();

      return query
      with input as (
        select * from unnest(
          p_chat_ids, p_sender_ids, p_device_ids, p_message_ids, p_client_ids,
          p_fingerprints, p_kinds, p_texts, p_mentions, p_encrypted, p_systems, p_reply_ids, p_forwarded,
          p_media_ids
        ) with ordinality as i (
          chat_id, sender_id, device_id, message_id, client_id, fingerprint, kind, text, mentions, encrypted, system,
          reply_id, forwarded, media_ids, position
        )
      ), holdings as (
        select
          i.position, count(*) as named, count((f.media).id) as known,
          count((f.media).id) filter (where (f.media).opaque) as opaque,
          bool_or((f.media).id is not null and (f.media).id <> all (coalesce(v_media, '{}'))) as is_busy,
          json_agg(media_view(f.media) order by named.place) filter (where (f.media).id is not null) as media
        from input i
        cross join lateral unnest(i.media_ids::uuid[]) with ordinality named (media_id, place)
        left join lateral (
          select x as media from media x where x.id = named.media_id offset 0
        ) f on (f.media).deleted_at is null and ((f.media).owner_id = i.sender_id or i.forwarded)
        where i.media_ids is not null
        group by i.position
      ), judged as (
        select
          i.*, c.last_seq, c.last_ordinal, u.username, u.display_name, u.avatar, held.media,
          prior.id as prior_id, prior.seq as prior_seq,
          k.delivered_seq, k.seen_seq, k.seen_ordinal as mark_ordinal,
          case when i.kind <> 'system' then v_now + c.message_ttl_ms * interval '1 millisecond' end as expires_at,
          case
            when c.type = 'group' then null
            when c.direct_low = i.sender_id and c.high_blocks then c.direct_high
            when c.direct_high = i.sender_id and c.low_blocks then c.direct_low
          end as silenced_for,
          s.seq as reply_seq, s.sender_id as reply_sender_id, s.kind as reply_kind,
          case when s.deleted_at is null then left(s.text, p_preview_length) end as reply_text,
          case
            when m.user_id is null then 'notMember'
            when c.id is null then 'busy'
            when prior.id is not null and prior.fingerprint = i.fingerprint then 'duplicate'
            when prior.id is not null then 'conflict'
            when i.kind <> 'system' and c.send_setting = 'admins' and m.role = 'member' then 'forbidden'
            when i.kind <> 'system' and (
              c.direct_low = i.sender_id and c.low_blocks or c.direct_high = i.sender_id and c.high_blocks
            ) then 'blocking'
            when i.reply_id is not null and (
              s.id is null or s.expires_at <= v_now
              or exists (
                select from hidden h where h.user_id = i.sender_id and h.chat_id = i.chat_id and h.seq = s.seq
              )
              or exists (
                select from preferences p
                where p.chat_id = i.chat_id and p.user_id = i.sender_id and p.cleared_seq >= s.seq
              )
            ) then 'replyNotFound'
            when held.is_busy then 'busy'
            when held.known < held.named then 'mediaNotFound'
            when i.kind = 'encrypted' and held.opaque < held.named then 'mediaNotOpaque'
            when i.client_id is not null and row_number() over same_client_id > 1 then 'twin'
            else 'appended'
          end as outcome
        from input i
        left join members m on m.chat_id = i.chat_id and m.user_id = i.sender_id
        left join chats c on c.id = i.chat_id and c.id = any (v_locked)
        left join marks k on k.chat_id = i.chat_id and k.user_id = i.sender_id
        left join users u on u.id = i.sender_id
        left join lateral (
          select p.id, p.chat_id, p.seq, p.fingerprint
          from messages p where p.sender_id = i.sender_id and p.client_message_id = i.client_id offset 0
        ) prior on prior.chat_id = i.chat_id
        left join lateral (
          select s.id, s.chat_id, s.seq, s.sender_id, s.kind, s.text, s.deleted_at, s.expires_at
          from messages s where s.id = i.reply_id offset 0
        ) s on s.chat_id = i.chat_id
        left join holdings held on held.position = i.position
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
          text, mentions, encrypted, system, reply_to_id, reply_to_seq, forwarded, created_at, expires_at
        )
        select
          n.chat_id, n.seq, n.ordinal, n.message_id, n.kind, n.sender_id, n.device_id, n.client_id, n.fingerprint,
          n.text, n.known_mentions, n.encrypted, n.system, n.reply_id, n.reply_seq, n.forwarded, v_now,
          n.expires_at
        from numbered n where n.outcome = 'appended'
      ), holding as (
        insert into message_media (chat_id, seq, place, media_id)
        select n.chat_id, n.seq, named.place, named.media_id
        from numbered n, unnest(n.media_ids::uuid[]) with ordinality named (media_id, place)
        where n.outcome = 'appended' and n.media_ids is not null
      ), kept as (
        update media x set unheld_since = null
        where x.unheld_since is not null and x.id = any (array(
          select named.media_id from numbered n, unnest(n.media_ids::uuid[]) named (media_id)
          where n.outcome = 'appended' and n.media_ids is not null
        ))
      ), silenced as (
        insert into hidden (user_id, chat_id, seq, silenced)
        select n.silenced_for, n.chat_id, n.seq, true
        from numbered n where n.outcome = 'appended' and n.silenced_for is not null
      ), heads as (
        select n.chat_id, max(n.seq) as seq, max(n.ordinal) as ordinal
        from numbered n where n.outcome = 'appended' group by n.chat_id
      ), moved_heads as (
        update chats c
        set last_seq = h.seq, last_ordinal = h.ordinal, last_activity_at = greatest(c.last_activity_at, v_now)
        from heads h where c.id = h.chat_id
      ), placed as (
        select
          n.*,
          coalesce(max(n.ordinal) filter (where n.outcome = 'appended') over before, n.mark_ordinal) as ordinal_before,
          coalesce(max(n.seq) filter (where n.outcome = 'appended') over before, n.delivered_seq) as delivered_before,
          coalesce(max(n.seq) filter (where n.outcome = 'appended') over before, n.seen_seq) as seen_before
        from numbered n
        window before as (
          partition by n.chat_id, n.sender_id, n.kind = 'system' order by n.position
          rows between unbounded preceding and 1 preceding
        )
      ), settled as (
        select p.*, p.outcome = 'appended' and p.kind <> 'system' and p.ordinal - 1 > p.ordinal_before as sees_others
        from placed p
      ), moved_marks as (
        update marks k
        set delivered_seq = s.seq, seen_seq = s.seq, seen_ordinal = s.ordinal, delivered_at = v_now, seen_at = v_now,
          xid = case when s.sees_others then pg_current_xact_id() else k.xid end,
          shown_delivered_seq = case when s.is_blocked then k.shown_delivered_seq end,
          shown_seen_seq = case when s.is_blocked then k.shown_seen_seq end,
          shown_at = case when s.is_blocked then k.shown_at end,
          shown_xid = case when s.is_blocked then k.shown_xid end
        from (
          select
            n.chat_id, n.sender_id, max(n.seq) as seq, max(n.ordinal) as ordinal, bool_or(n.sees_others) as sees_others,
            bool_or(n.silenced_for is not null) as is_blocked
          from settled n where n.outcome = 'appended' and n.kind <> 'system' group by n.chat_id, n.sender_id
        ) s where k.chat_id = s.chat_id and k.user_id = s.sender_id
      ), remembered as (
        insert into mark_history (chat_id, user_id, seq, status, at)
        select s.chat_id, s.sender_id, s.seq, 'seen', v_now from settled s where s.sees_others
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
        v_now, n.known_mentions, n.username, n.display_name, n.avatar,
        case when n.outcome = 'appended' then n.media end,
        n.reply_sender_id, n.reply_kind, n.reply_text,
        case when n.reply_seq is not null then hidden_from(n.chat_id, n.reply_seq) end,
        case when n.sees_others then n.delivered_before end, case when n.sees_others then n.seen_before end,
        n.expires_at, n.silenced_for
      from settled n
      window same_client_id as (partition by n.chat_id, n.sender_id, n.client_id order by n.position)
      order by n.position;
    end
    $$`.execute(database);
  await sql`alter index search_tokens_tokens set (fastupdate = on)`.execute(database);
}
