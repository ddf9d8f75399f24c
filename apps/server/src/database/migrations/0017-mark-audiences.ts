import { type Kysely, sql } from 'kysely';

/**
 * `mark_audiences` tells whom moves of marks concern, a row for each move whose member is still one. In groups of up to
 * `p_small_group` members everybody is told, and `blind` are those who hide what they have seen and so do not know it of
 * others (RCPT-1); in larger ones those who have a message in what is newly covered, looked for at most `p_range` entries
 * back from the new mark.
 *
 * It is asked after nearly every batch of sends. As a function its plan is made once for a connection: it took longer to
 * plan than to carry out. The order of the messages leaves the plan one index to read them by, also while there are none.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create function mark_audiences(
      p_chat_ids uuid[], p_user_ids uuid[], p_delivered_before bigint[], p_delivered bigint[], p_seen_before bigint[],
      p_seen bigint[], p_small_group integer, p_range integer
    ) returns table (
      place bigint, is_blocked boolean, is_small boolean, shows_seen boolean, blind uuid[], delivered_authors uuid[],
      seen_authors uuid[]
    )
    language plpgsql stable
    set plan_cache_mode = force_generic_plan
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off
    set enable_bitmapscan = off
    as $$
    #variable_conflict use_column
    begin
      return query
      select
        i.place, c.low_blocks or c.high_blocks, c.member_count <= p_small_group, u.seen_privacy,
        case when c.member_count <= p_small_group then array(
          select o.user_id from members o join users v on v.id = o.user_id
          where o.chat_id = i.chat_id and not v.seen_privacy
        ) else '{}' end,
        case when c.member_count <= p_small_group then '{}' else array(
          select distinct e.sender_id
          from (
            select x.chat_id, x.sender_id from messages x
            where x.chat_id = i.chat_id and x.seq > i.delivered_before and x.seq <= i.delivered
            order by x.seq desc limit p_range
          ) e
          join members w on w.chat_id = e.chat_id and w.user_id = e.sender_id
          where e.sender_id <> i.user_id
        ) end,
        case when c.member_count <= p_small_group then '{}' else array(
          select distinct e.sender_id
          from (
            select x.chat_id, x.sender_id from messages x
            where x.chat_id = i.chat_id and x.seq > i.seen_before and x.seq <= i.seen
            order by x.seq desc limit p_range
          ) e
          join members w on w.chat_id = e.chat_id and w.user_id = e.sender_id
          join users v on v.id = e.sender_id and v.seen_privacy
          where e.sender_id <> i.user_id
        ) end
      from unnest(p_chat_ids, p_user_ids, p_delivered_before, p_delivered, p_seen_before, p_seen)
        with ordinality as i (chat_id, user_id, delivered_before, delivered, seen_before, seen, place)
      join chats c on c.id = i.chat_id
      join members m on m.chat_id = i.chat_id and m.user_id = i.user_id
      join users u on u.id = i.user_id;
    end
    $$`.execute(database);
}
