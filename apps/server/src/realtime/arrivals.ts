import type { UserId } from '@natter/protocol';
import type { CommittedChatEntry } from '../streams/commit.js';

/** Somebody who was added to a chat and does not have its snapshot yet. */
export interface Arrival {
  readonly room: string;
  readonly userId: UserId;
  readonly afterSeq: number;
  /** What came in the chat since he was added. */
  readonly entries: CommittedChatEntry[];
}

/** Beyond it the oldest are dropped: the snapshot has them, or the client sees a gap and reads the log (SYNC-2). */
const ENTRIES_LIMIT = 200;

/** Keeps the entries of a chat for those who were added to it, while their snapshot is being read. */
export class Arrivals {
  private readonly byRoom = new Map<string, Set<Arrival>>();

  add(room: string, userId: UserId, afterSeq: number): Arrival {
    const arrival: Arrival = { room, userId, afterSeq, entries: [] };
    const others = this.byRoom.get(room) ?? new Set();
    this.byRoom.set(room, others.add(arrival));
    return arrival;
  }

  remove(arrival: Arrival): void {
    const others = this.byRoom.get(arrival.room);
    others?.delete(arrival);
    if (others?.size === 0) this.byRoom.delete(arrival.room);
  }

  has(room: string): boolean {
    return this.byRoom.has(room);
  }

  /** Who is on the way into a room. */
  usersOf(room: string): UserId[] {
    return [...(this.byRoom.get(room) ?? [])].map(({ userId }) => userId);
  }

  includes(room: string, userId: UserId): boolean {
    return this.usersOf(room).includes(userId);
  }

  note(room: string, entry: CommittedChatEntry): void {
    for (const { afterSeq, entries } of this.byRoom.get(room) ?? []) {
      if (entry.seq <= afterSeq) continue;
      entries.push(entry);
      if (entries.length > ENTRIES_LIMIT) entries.shift();
    }
  }
}
