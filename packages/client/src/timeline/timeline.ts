import type { ChatId } from '@natter/protocol';
import type { Clock } from '../clock.js';
import { placeIn } from '../core/loaded-messages.js';
import { toChatError, type ChatError } from '../errors.js';
import type { Brain } from '../engine/brain.js';
import { isSameList, Listeners, type Readable, select } from '../readable.js';
import type { SeenNotice } from '../seen-notice.js';
import type { MessageItem } from '../views/message-item.js';
import type { GapItem, TimelineItem } from '../views/timeline-items.js';
import type { Views } from '../views/views.js';
import type { HistoryBound } from './islands.js';
import { seqBefore } from './seq-before.js';

/**
 * Where a timeline begins: at the newest messages, at the first unread one, at an entry's number, at a message, or at the
 * first message of a moment (ISO 8601) or after it.
 */
export type TimelinePlace =
  | 'end'
  | 'unread'
  | { readonly seq: number }
  | { readonly messageId: string }
  | { readonly at: string };

export interface TimelineSnapshot {
  /** Oldest first. Where something is missing in between, there is a gap. What is not sent yet is at the end. */
  readonly items: readonly TimelineItem[];
  /** Whether there are older messages to load. */
  readonly hasOlder: boolean;
  /**
   * The key of the first message that was unread when the timeline was opened: for the divider. `undefined` until it is
   * certain, as long as something is not loaded that may come before it.
   */
  readonly firstUnreadKey: string | undefined;
  readonly isLoading: boolean;
  /** Why the last attempt to load failed; the next one clears it. */
  readonly error: ChatError | undefined;
}

interface Progress {
  readonly loading: number;
  readonly error: ChatError | undefined;
  readonly dividerSeq: number | undefined;
}

const PAGE = 50;

/** Whether a message is of those that are counted as unread, where everything up to an entry was seen. */
function isUnread({ seq, isOwn, kind, deletedAt }: MessageItem, seenSeq: number): boolean {
  const counts = !isOwn && kind !== 'system' && deletedAt === undefined;
  return counts && seq !== undefined && seq > seenSeq;
}

/** Ascends in a timeline. */
function numberOf(item: TimelineItem): number {
  return item.type === 'gap' ? item.beforeSeq : (item.seq ?? Number.POSITIVE_INFINITY);
}

/** One chat's messages, as far as they are loaded; several timelines of a chat share what is loaded. */
export class Timeline implements Readable<TimelineSnapshot> {
  private progress: Progress = { loading: 0, error: undefined, dividerSeq: undefined };
  private readonly listeners = new Listeners();
  private readonly items: Readable<readonly TimelineItem[]>;
  private last:
    | {
        items: readonly TimelineItem[];
        progress: Progress;
        hasOlder: boolean;
        value: TimelineSnapshot;
      }
    | undefined;

  constructor(
    private readonly chatId: ChatId,
    private readonly brain: Brain,
    private readonly views: Views,
    clock: Clock,
    private readonly seen: SeenNotice,
  ) {
    this.items = select(
      brain.model,
      () => views.timeline(chatId, new Date(clock.now()).toISOString()),
      isSameList,
    );
  }

  getSnapshot(): TimelineSnapshot {
    const [items, { progress }] = [this.items.getSnapshot(), this];
    const hasOlder = this.oldestSeq() > 1;
    const { last } = this;
    if (last && last.items === items && last.progress === progress && last.hasOlder === hasOlder) {
      return last.value;
    }
    const value: TimelineSnapshot = {
      items,
      hasOlder,
      firstUnreadKey: this.firstUnreadKey(items),
      isLoading: progress.loading > 0,
      error: progress.error,
    };
    this.last = { items, progress, hasOlder, value };
    return value;
  }

  subscribe(listener: () => void): () => void {
    const stops = [this.listeners.add(listener), this.items.subscribe(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /**
   * Loads around a place, if that is not loaded yet.
   *
   * @returns the key of the item there, to scroll to; `undefined` for the end, or where the message is gone.
   * @throws {ChatError} where it could not be loaded.
   */
  async jumpTo(place: TimelinePlace): Promise<string | undefined> {
    const chat = this.views.state()?.chats.get(this.chatId);
    if (place === 'end') {
      if (chat && this.itemsFrom(chat.loadedFrom).length < 2 && chat.loadedFrom > 1)
        await this.load({}, PAGE);
      return undefined;
    }
    if (place === 'unread') {
      const seenSeq = chat?.me.seenSeq ?? 0;
      this.update({ dividerSeq: seenSeq });
      const key = await this.around(seenSeq + 1);
      return this.getSnapshot().firstUnreadKey ?? key;
    }
    if ('seq' in place) return this.around(place.seq);
    if ('at' in place) return this.around((await this.seqBefore(Date.parse(place.at))) + 1);
    const message = await this.brain.request('getMessage', { params: { id: place.messageId } });
    return this.around(message.seq);
  }

  /** Loads messages older than all that are loaded, or those right before the newer edge of a gap. */
  async loadOlder(gap?: GapItem): Promise<void> {
    const before = gap?.beforeSeq ?? this.oldestSeq();
    if (before > 1) await this.load({ before }, PAGE);
  }

  /** Loads the messages right after the older edge of a gap; without one, of the last gap. */
  async loadNewer(gap?: GapItem): Promise<void> {
    const wanted = gap ?? this.items.getSnapshot().findLast((item) => item.type === 'gap');
    if (wanted?.type === 'gap') await this.load({ after: wanted.afterSeq }, PAGE);
  }

  /**
   * A message came into view. While somebody looks at the page it counts as seen, with all before it; else as soon as
   * somebody does.
   */
  reportVisible(item: TimelineItem): void {
    if (item.type === 'message' && item.seq !== undefined) this.seen.report(item.seq);
  }

  private oldestSeq(): number {
    const model = this.brain.model.getSnapshot();
    const chat = model.state?.chats.get(this.chatId);
    return model.islands.get(this.chatId)?.[0]?.from ?? chat?.loadedFrom ?? 1;
  }

  private itemsFrom(seq: number): TimelineItem[] {
    return this.items
      .getSnapshot()
      .filter((item) => item.type === 'message' && item.seq !== undefined && item.seq >= seq);
  }

  private firstUnreadKey(items: readonly TimelineItem[]): string | undefined {
    const { dividerSeq } = this.progress;
    if (dividerSeq === undefined || this.oldestSeq() > dividerSeq + 1) return undefined;
    const after = items.slice(placeIn(items, numberOf, dividerSeq + 1));
    const first = after.find((item) =>
      item.type === 'gap' ? item.beforeSeq > dividerSeq + 1 : isUnread(item, dividerSeq),
    );
    return first?.type === 'message' ? first.key : undefined;
  }

  private async seqBefore(at: number): Promise<number> {
    const lastSeq = this.views.state()?.chats.get(this.chatId)?.lastSeq ?? 0;
    const request: Brain['request'] = (name, parts) => this.brain.request(name, parts);
    return this.following(() => seqBefore(request, this.chatId, { at, lastSeq }));
  }

  private async around(seq: number): Promise<string | undefined> {
    const model = this.brain.model.getSnapshot();
    const chat = model.state?.chats.get(this.chatId);
    const islands = model.islands.get(this.chatId) ?? [];
    const isLoaded =
      chat &&
      (seq > chat.loadedFrom ||
        chat.loadedFrom === 1 ||
        islands.some(({ from, to }) => from <= seq && seq <= to));
    if (!isLoaded) await this.load({ around: seq }, PAGE);
    return this.itemsFrom(seq)[0]?.key;
  }

  private load(bound: HistoryBound, limit: number): Promise<void> {
    return this.following(() => this.brain.loadHistory(this.chatId, bound, limit));
  }

  /** Shows in the snapshot that something is being asked for, and what came of it. */
  private async following<T>(task: () => Promise<T>): Promise<T> {
    this.update({ loading: this.progress.loading + 1, error: undefined });
    try {
      const result = await task();
      this.update({ loading: this.progress.loading - 1 });
      return result;
    } catch (thrown) {
      const error = toChatError(thrown);
      this.update({ loading: this.progress.loading - 1, error });
      throw error;
    }
  }

  private update(change: Partial<Progress>): void {
    this.progress = { ...this.progress, ...change };
    this.listeners.notify();
  }
}
