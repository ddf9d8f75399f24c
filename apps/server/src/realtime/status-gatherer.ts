import type { ChatId, MessageStatusUpdated, StatusUpdate, UserId } from '@natter/protocol';

/** In a large group, marks come to each receiver at most this often (RCPT-2). */
const INTERVAL_MS = 1000;

/** What waits for one receiver in one chat: of each member and status the furthest. */
interface Gathered {
  readonly chatId: ChatId;
  readonly updates: Map<string, StatusUpdate>;
}

/**
 * Gathers the marks of large groups: the first at once, then at most one event a second for each chat and receiver. It
 * holds something only for those who were told within the last second.
 */
export class StatusGatherer {
  private readonly recent = new Map<string, Gathered>();

  constructor(private readonly tell: (userId: UserId, payload: MessageStatusUpdated) => void) {}

  add(userId: UserId, { chatId, updates }: MessageStatusUpdated): void {
    const key = `${chatId}:${userId}`;
    const gathered = this.recent.get(key);
    if (!gathered) {
      this.tell(userId, { chatId, updates });
      this.waitFor(key, userId, { chatId, updates: new Map() });
      return;
    }
    for (const update of updates) {
      const kind = `${update.userId}:${update.status}`;
      const before = gathered.updates.get(kind);
      if (!before || before.seq < update.seq) gathered.updates.set(kind, update);
    }
  }

  private waitFor(key: string, userId: UserId, gathered: Gathered): void {
    this.recent.set(key, gathered);
    setTimeout(() => this.flush(key, userId, gathered), INTERVAL_MS).unref();
  }

  private flush(key: string, userId: UserId, { chatId, updates }: Gathered): void {
    if (updates.size === 0) {
      this.recent.delete(key);
      return;
    }
    this.tell(userId, { chatId, updates: [...updates.values()] });
    this.waitFor(key, userId, { chatId, updates: new Map() });
  }
}
