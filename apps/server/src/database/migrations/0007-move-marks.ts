import { type Kysely, sql } from 'kysely';

/**
 * `move_marks` moves many members' marks in one round trip; each pair of chat and user comes once. It never waits for a
 * row that somebody else holds, so that it can deadlock with nobody: a mark that is held is `busy`, and is tried again.
 * It must stay two statements, as `append_batch` must.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create function move_marks(
      p_chat_ids uuid[], p_user_ids uuid[], p_delivered bigint[], p_seen bigint[]
    ) returns table (
      outcome text, delivered_before bigint, seen_before bigint, delivered_seq bigint, seen_seq bigint,
      at timestamptz(3)
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
      v_locked bigint[];
      v_now timestamptz(3);
    begin
      select array_agg(l.position) into v_locked from (
        select i.position
        from unnest(p_chat_ids, p_user_ids) with ordinality as i (chat_id, user_id, position)
        join marks k on k.chat_id = i.chat_id and k.user_id = i.user_id
        for no key update of k skip locked
      ) l;
      v_now := clock_timestamp();

      return query
      with judged as (
        select
          i.chat_id, i.user_id, i.position, c.low_blocks or c.high_blocks as is_blocked,
          k.delivered_seq as delivered_before, k.seen_seq as seen_before,
          -- After a block, what moved during it is news too, though the mark itself does not move now (BLOCK-1).
          case when c.low_blocks or c.high_blocks then k.delivered_seq else coalesce(k.shown_delivered_seq, k.delivered_seq)
          end as delivered_told,
          case when c.low_blocks or c.high_blocks then k.seen_seq else coalesce(k.shown_seen_seq, k.seen_seq) end as seen_told,
          greatest(k.delivered_seq, i.delivered, i.seen) as delivered_seq,
          greatest(k.seen_seq, i.seen) as seen_seq,
          case
            when m.user_id is null then 'notMember'
            when greatest(i.delivered, i.seen) > c.last_seq then 'beyond'
            when k.user_id is null then 'busy'
            when greatest(i.delivered, i.seen) <= k.delivered_seq and coalesce(i.seen, 0) <= k.seen_seq then 'unchanged'
            else 'moved'
          end as outcome
        from unnest(p_chat_ids, p_user_ids, p_delivered, p_seen)
          with ordinality as i (chat_id, user_id, delivered, seen, position)
        left join members m on m.chat_id = i.chat_id and m.user_id = i.user_id
        left join chats c on c.id = i.chat_id
        left join marks k on k.chat_id = i.chat_id and k.user_id = i.user_id and i.position = any (v_locked)
      ), moved as (
        update marks k
        set
          delivered_seq = j.delivered_seq,
          seen_seq = j.seen_seq,
          seen_ordinal = case when j.seen_seq > j.seen_before then greatest(k.seen_ordinal, coalesce((
            select e.ordinal from messages e where e.chat_id = k.chat_id and e.seq <= j.seen_seq
            order by e.seq desc limit 1
          ), 0)) else k.seen_ordinal end,
          delivered_at = case when j.delivered_seq > j.delivered_before then v_now else k.delivered_at end,
          seen_at = case when j.seen_seq > j.seen_before then v_now else k.seen_at end,
          xid = pg_current_xact_id(),
          shown_delivered_seq = case when j.is_blocked then k.shown_delivered_seq end,
          shown_seen_seq = case when j.is_blocked then k.shown_seen_seq end,
          shown_at = case when j.is_blocked then k.shown_at end,
          shown_xid = case when j.is_blocked then k.shown_xid end
        from judged j where j.outcome = 'moved' and k.chat_id = j.chat_id and k.user_id = j.user_id
      ), remembered as (
        insert into mark_history (chat_id, user_id, seq, status, at)
        select j.chat_id, j.user_id, s.seq, s.status, v_now
        from judged j
        cross join lateral (
          select j.seen_seq as seq, 'seen' as status where j.seen_seq > j.seen_before
          union all
          select j.delivered_seq, 'delivered' where j.delivered_seq > greatest(j.delivered_before, j.seen_seq)
        ) s
        where j.outcome = 'moved'
      )
      select j.outcome, j.delivered_told, j.seen_told, j.delivered_seq, j.seen_seq, v_now
      from judged j order by j.position;
    end
    $$`.execute(database);
}
