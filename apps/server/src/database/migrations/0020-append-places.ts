import { type Kysely, sql } from 'kysely';

/**
 * `append_batch` without windows. What 0018-append-stages says of its stages holds here, but where a draft comes to stand in
 * its chat is told by the caller, who counts as if all were appended:
 *
 * - `p_places`: its place among the drafts of its chat, from 1 on; `p_ordinals`: among those of them that somebody sent.
 * - `p_is_last`: whether it is the last of its chat.
 * - `p_others_before`: for the last that somebody sends to a chat, how many before it others send there; null for the rest.
 *
 * So where one draft is not appended, none is, and those that could be come back as `again`. Drafts to chats that are held
 * count for none of the others: nothing of such a chat is appended. A client id of one sender in one chat may not stand in
 * the batch twice; the unique index fails such a batch.
 *
 * A sender's marks move once for a batch, with the last that he sent: all of it is of the same moment. What holds media, and
 * what hides a message from who blocks its sender, is stored with it alone: run again because its answer was lost, a batch
 * finds both there.
 *
 * The function of 0018-append-stages stays beside it, under other parameters, for nodes of an older version.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create function append_batch(
      p_chat_ids uuid[], p_sender_ids uuid[], p_device_ids uuid[], p_message_ids uuid[], p_client_ids uuid[],
      p_fingerprints bytea[], p_kinds text[], p_texts text[], p_mentions text[], p_encrypted text[], p_systems text[],
      p_reply_ids uuid[], p_forwarded boolean[], p_media_ids text[], p_places bigint[], p_ordinals bigint[],
      p_is_last boolean[], p_others_before bigint[], p_preview_length integer, p_lock_timeout_ms integer
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
      v_has_blocks boolean;
      v_now timestamptz(3);
      v_refusals text[];
      v_mentions text[];
      v_reply_seqs bigint[];
      v_reply_sender_ids uuid[];
      v_reply_kinds text[];
      v_reply_texts text[];
      v_media_ids uuid[];
      v_media json[];
    begin
      if p_media_ids is not null then
        select array_agg(named.id) into v_media_ids
        from unnest(p_media_ids) list, unnest(list::uuid[]) named (id) where list is not null;
      end if;

      if p_lock_timeout_ms is null then
        select array_agg(l.id), bool_or(l.low_blocks or l.high_blocks) into v_locked, v_has_blocks from (
          select c.id, c.low_blocks, c.high_blocks from chats c
          where c.id = any (p_chat_ids) order by c.id for no key update skip locked
        ) l;
        if v_media_ids is not null then
          select array_agg(l.id) into v_media_ids from (
            select x.id from media x where x.id = any (v_media_ids) order by x.id for no key update skip locked
          ) l;
        end if;
      else
        perform set_config('lock_timeout', p_lock_timeout_ms::text, true);
        select array_agg(l.id), bool_or(l.low_blocks or l.high_blocks) into v_locked, v_has_blocks from (
          select c.id, c.low_blocks, c.high_blocks from chats c
          where c.id = any (p_chat_ids) order by c.id for no key update
        ) l;
        if v_media_ids is not null then
          select array_agg(l.id) into v_media_ids from (
            select x.id from media x where x.id = any (v_media_ids) order by x.id for no key update
          ) l;
        end if;
      end if;

      v_now := clock_timestamp();

      if p_mentions is not null then
        select array_agg(known.ids order by i.position) into v_mentions
        from unnest(p_mentions, p_chat_ids) with ordinality i (mentions, chat_id, position)
        left join lateral (
          select array_agg(m.user_id order by named.place)::text as ids
          from unnest(i.mentions::uuid[]) with ordinality named (user_id, place)
          join members m on m.chat_id = i.chat_id and m.user_id = named.user_id
        ) known on i.mentions is not null;
      end if;

      if p_reply_ids is not null then
        select
          array_agg(case
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
          end order by i.position),
          array_agg(s.seq order by i.position), array_agg(s.sender_id order by i.position),
          array_agg(s.kind order by i.position),
          array_agg(case when s.deleted_at is null then left(s.text, p_preview_length) end order by i.position)
        into v_refusals, v_reply_seqs, v_reply_sender_ids, v_reply_kinds, v_reply_texts
        from unnest(p_reply_ids, p_chat_ids, p_sender_ids) with ordinality i (reply_id, chat_id, sender_id, position)
        left join lateral (
          select s.id, s.chat_id, s.seq, s.sender_id, s.kind, s.text, s.deleted_at, s.expires_at
          from messages s where s.id = i.reply_id offset 0
        ) s on s.chat_id = i.chat_id;
      end if;

      if p_media_ids is not null then
        select
          array_agg(coalesce(v_refusals[i.position], case
            when held.is_busy then 'busy'
            when held.known < held.named then 'mediaNotFound'
            when p_kinds[i.position] = 'encrypted' and held.opaque < held.named then 'mediaNotOpaque'
          end) order by i.position),
          array_agg(held.media order by i.position)
        into v_refusals, v_media
        from unnest(p_media_ids, p_sender_ids) with ordinality i (media_ids, sender_id, position)
        left join lateral (
          select
            count(*) as named, count((f.media).id) as known,
            count((f.media).id) filter (where (f.media).opaque) as opaque,
            bool_or((f.media).id is not null and (f.media).id <> all (coalesce(v_media_ids, '{}'))) as is_busy,
            json_agg(media_view(f.media) order by named.place) filter (where (f.media).id is not null) as media
          from unnest(i.media_ids::uuid[]) with ordinality named (media_id, place)
          left join lateral (
            select x as media from media x where x.id = named.media_id offset 0
          ) f on (f.media).deleted_at is null and ((f.media).owner_id = i.sender_id or p_forwarded[i.position])
        ) held on i.media_ids is not null;
      end if;

      return query
      with judged as (
        select
          i.position, i.chat_id, i.sender_id, p_is_last[i.position] as is_last,
          p_others_before[i.position] is not null as moves_marks,
          c.last_ordinal + p_others_before[i.position] > k.seen_ordinal as sees_others,
          c.last_seq + p_places[i.position] as seq, c.last_ordinal + p_ordinals[i.position] as ordinal,
          k.delivered_seq, k.seen_seq, u.username, u.display_name, u.avatar, prior.id as prior_id,
          case
            when p_kinds[i.position] <> 'system' then v_now + c.message_ttl_ms * interval '1 millisecond'
          end as expires_at,
          case
            when c.type = 'group' then null
            when c.direct_low = i.sender_id and c.high_blocks then c.direct_high
            when c.direct_high = i.sender_id and c.low_blocks then c.direct_low
          end as silenced_for,
          case
            when m.user_id is null then 'notMember'
            when c.id is null then 'busy'
            when prior.fingerprint = p_fingerprints[i.position] then 'duplicate'
            when prior.id is not null then 'conflict'
            when p_kinds[i.position] <> 'system' and c.send_setting = 'admins' and m.role = 'member' then 'forbidden'
            when p_kinds[i.position] <> 'system' and (
              c.direct_low = i.sender_id and c.low_blocks or c.direct_high = i.sender_id and c.high_blocks
            ) then 'blocking'
            else coalesce(v_refusals[i.position], 'appended')
          end as outcome
        from unnest(p_chat_ids, p_sender_ids, p_client_ids) with ordinality i (chat_id, sender_id, client_id, position)
        left join members m on m.chat_id = i.chat_id and m.user_id = i.sender_id
        left join chats c on c.id = i.chat_id and c.id = any (v_locked)
        left join marks k on k.chat_id = i.chat_id and k.user_id = i.sender_id
        left join users u on u.id = i.sender_id
        left join lateral (
          select p.id, p.chat_id, p.fingerprint
          from messages p where p.sender_id = i.sender_id and p.client_message_id = i.client_id offset 0
        ) prior on prior.chat_id = i.chat_id
      ), settled as (
        select
          j.*,
          j.outcome = 'appended' and not exists (
            select from judged r where r.outcome <> 'appended' and r.seq is not null
          ) as is_appended
        from judged j
      ), inserted as (
        insert into messages (
          chat_id, seq, ordinal, id, kind, sender_id, sender_device_id, client_message_id, fingerprint, text,
          mentions, encrypted, system, reply_to_id, reply_to_seq, forwarded, created_at, expires_at
        )
        select
          s.chat_id, s.seq, s.ordinal, p_message_ids[s.position], p_kinds[s.position], s.sender_id,
          p_device_ids[s.position], p_client_ids[s.position], p_fingerprints[s.position], p_texts[s.position],
          v_mentions[s.position]::uuid[], p_encrypted[s.position], p_systems[s.position]::jsonb, p_reply_ids[s.position],
          v_reply_seqs[s.position], p_forwarded[s.position], v_now, s.expires_at
        from settled s where s.is_appended
      ), moved_heads as (
        update chats c
        set last_seq = s.seq, last_ordinal = s.ordinal, last_activity_at = greatest(c.last_activity_at, v_now)
        from settled s where s.is_appended and s.is_last and c.id = s.chat_id
      ), moved_marks as (
        update marks k
        set delivered_seq = s.seq, seen_seq = s.seq, seen_ordinal = s.ordinal, delivered_at = v_now, seen_at = v_now,
          xid = case when s.sees_others then pg_current_xact_id() else k.xid end,
          shown_delivered_seq = case when s.silenced_for is not null then k.shown_delivered_seq end,
          shown_seen_seq = case when s.silenced_for is not null then k.shown_seen_seq end,
          shown_at = case when s.silenced_for is not null then k.shown_at end,
          shown_xid = case when s.silenced_for is not null then k.shown_xid end
        from settled s
        where s.is_appended and s.moves_marks and k.chat_id = s.chat_id and k.user_id = s.sender_id
      ), remembered as (
        insert into mark_history (chat_id, user_id, seq, status, at)
        select s.chat_id, s.sender_id, s.seq, 'seen', v_now
        from settled s where s.is_appended and s.sees_others
      ), committed as (
        insert into commits (chat_ids, chat_seqs)
        select array_agg(s.chat_id), array_agg(s.seq)
        from settled s where s.is_appended and s.is_last having count(*) > 0
      )
      select
        case when s.outcome = 'appended' and not s.is_appended then 'again' else s.outcome end,
        s.prior_id, s.seq, v_now, v_mentions[s.position]::uuid[], s.username, s.display_name, s.avatar,
        v_media[s.position], v_reply_sender_ids[s.position], v_reply_kinds[s.position], v_reply_texts[s.position],
        case when v_reply_seqs[s.position] is not null then hidden_from(s.chat_id, v_reply_seqs[s.position]) end,
        case when s.sees_others then s.delivered_seq end, case when s.sees_others then s.seen_seq end,
        s.expires_at, s.silenced_for
      from settled s
      order by s.position;

      if v_media_ids is not null then
        with holding as (
          insert into message_media (chat_id, seq, place, media_id)
          select m.chat_id, m.seq, named.place, named.media_id
          from unnest(p_message_ids, p_media_ids) i (message_id, media_ids)
          join messages m on m.id = i.message_id
          cross join lateral unnest(i.media_ids::uuid[]) with ordinality named (media_id, place)
          where i.media_ids is not null and m.xid = pg_current_xact_id()
          returning media_id
        )
        update media x set unheld_since = null
        where x.unheld_since is not null and x.id = any (array(select h.media_id from holding h));
      end if;

      if v_has_blocks then
        insert into hidden (user_id, chat_id, seq, silenced)
        select case when m.sender_id = c.direct_low then c.direct_high else c.direct_low end, m.chat_id, m.seq, true
        from unnest(p_message_ids) i (message_id)
        join messages m on m.id = i.message_id
        join chats c on c.id = m.chat_id
        where m.xid = pg_current_xact_id() and (
          m.sender_id = c.direct_low and c.high_blocks or m.sender_id = c.direct_high and c.low_blocks
        );
      end if;
    end
    $$`.execute(database);
}
