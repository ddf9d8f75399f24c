import type { StatusEntry, StatusUpdate } from '@natter/protocol';
import type { MarkRow } from './sync.repository.js';

function updatesOf(row: MarkRow): StatusUpdate[] {
  const { user_id: userId, delivered_seq: delivered, seen_seq: seen } = row;
  const updates: StatusUpdate[] = [];
  const seenAt = row.seen_hidden || seen === 0 ? null : row.seen_at;
  // Seen implies delivered.
  if (row.delivered_at && delivered > (seenAt ? seen : 0)) {
    const at = row.delivered_at.toISOString();
    updates.push({ userId, status: 'delivered', seq: delivered, at });
  }
  if (seenAt) updates.push({ userId, status: 'seen', seq: seen, at: seenAt.toISOString() });
  return updates;
}

/** Marks as the events that tell of them, one for each chat. */
export function toStatusEntries(rows: readonly MarkRow[]): StatusEntry[] {
  return [...Map.groupBy(rows, (row) => row.chat_id)].flatMap(([chatId, marks]) => {
    const updates = marks.flatMap(updatesOf);
    return updates.length > 0
      ? [{ event: 'messageStatusUpdated' as const, payload: { chatId, updates } }]
      : [];
  });
}
