import type { UserId } from '@natter/protocol';
import type { ChatState, Chunk, ClientState } from '../core/index.js';
import { firstExpiry, isExpired } from '../core/expiry.js';
import { changedMessages, perChunk } from '../core/loaded-messages.js';
import { changedEntries } from '../core/state.js';
import type { Model } from '../engine/model.js';
import { isSend, type SendItem } from '../outbox/outbox-item.js';
import type { Range } from '../timeline/ranges.js';
import {
  marksOfOthers,
  type MessageItem,
  messageItem,
  type OthersMarks,
  pendingItem,
} from './message-item.js';

/** Messages that are not loaded, between others that are. `timeline.fill` loads them. */
export interface GapItem {
  readonly type: 'gap';
  readonly key: string;
  /** The last entry that is loaded before it, and the first one after it. */
  readonly afterSeq: number;
  readonly beforeSeq: number;
}

export type TimelineItem = MessageItem | GapItem;

const gaps = new WeakMap<Range, GapItem>();

/** The gap above an island; the same gap is the same object. */
function gapAbove(island: Range, beforeSeq: number): GapItem {
  const known = gaps.get(island);
  if (known?.beforeSeq === beforeSeq) return known;
  const key = `gap-${island.to}-${beforeSeq}`;
  const item: GapItem = { type: 'gap', key, afterSeq: island.to, beforeSeq };
  gaps.set(island, item);
  return item;
}

/** The sends of a chat that have not come back as messages yet. */
function pendingSends({ outbox }: Model, { id, messages }: ChatState, me: UserId): SendItem[] {
  return outbox
    .filter(isSend)
    .filter((item) => item.chatId === id && !messages.sentAs(me, item.id));
}

const NOTHING: readonly TimelineItem[] = [];

/** What the messages of a chunk answer to. */
const quotedIn = perChunk(
  (chunk) => new Set(chunk.flatMap(({ replyTo }) => replyTo?.messageId ?? [])),
);

/** How the messages of a chunk are shown, and how far in it the others had come. */
interface Made extends OthersMarks {
  readonly items: readonly MessageItem[];
}

/** The items of one chat. What is shown of a chunk is made again where it or what it depends on has changed. */
export class TimelineItems {
  private made = new Map<Chunk, Made>();
  private last: { readonly users: ClientState['users']; readonly chat: ChatState } | undefined;

  /**
   * All that is loaded of the chat, in its order, with what is on its way to the server at the end.
   *
   * @param now ISO 8601: what has expired is not shown any more.
   */
  of(model: Model, state: ClientState, chat: ChatState, now: string): readonly TimelineItem[] {
    const kept = this.kept(state, chat, now);
    const made = new Map<Chunk, Made>();
    const shown = (chunk: Chunk): readonly MessageItem[] => {
      const one = made.get(chunk) ?? kept(chunk) ?? make(state, chat, chunk, now);
      made.set(chunk, one);
      return one.items;
    };
    const sends = pendingSends(model, chat, state.me);
    const items = NOTHING.concat(
      ...loadedParts(model, chat, shown),
      sends.map((send) => pendingItem(state, chat.id, send, model.uploads)),
    );
    this.made = made;
    this.last = { users: state.users, chat };
    return items;
  }

  /** What was made of a chunk the last time, where it would be the same now. */
  private kept(
    state: ClientState,
    chat: ChatState,
    now: string,
  ): (chunk: Chunk) => Made | undefined {
    const { last } = this;
    if (last?.users !== state.users) return () => undefined;
    const before = last.chat;
    const changed = [
      ...changedMessages(before.messages, chat.messages).keys(),
      // Of messages that are not loaded these tell that they are gone.
      ...changedEntries(before.unplaced, chat.unplaced).keys(),
      ...(before.hidden === chat.hidden
        ? []
        : [...chat.hidden].filter((id) => !before.hidden.has(id))),
    ];
    return (chunk) => {
      const known = this.made.get(chunk);
      if (!known || firstExpiry(chunk) <= now) return undefined;
      const { deliveredSeq, seenSeq } = marksIn(chunk, state, chat);
      if (known.deliveredSeq !== deliveredSeq || known.seenSeq !== seenSeq) return undefined;
      const quoted = quotedIn(chunk);
      return changed.some((id) => quoted.has(id)) ? undefined : known;
    };
  }
}

/** How far the others have come within a chunk. */
function marksIn(chunk: Chunk, state: ClientState, chat: ChatState): OthersMarks {
  const { deliveredSeq, seenSeq } = marksOfOthers(chat, state.me);
  const [below, last] = [(chunk[0]?.seq ?? 1) - 1, chunk.at(-1)?.seq ?? 0];
  const within = (seq: number): number => Math.min(Math.max(seq, below), last);
  return { deliveredSeq: within(deliveredSeq), seenSeq: within(seenSeq) };
}

function make(state: ClientState, chat: ChatState, chunk: Chunk, now: string): Made {
  const current = chunk.filter((message) => !isExpired(message, now));
  const items = current.map((message) => messageItem(state, chat, message));
  return { ...marksIn(chunk, state, chat), items };
}

/** What is loaded, chunk by chunk, with the gaps between. */
function loadedParts(
  { islands }: Model,
  { id, loadedFrom, messages }: ChatState,
  shown: (chunk: Chunk) => readonly MessageItem[],
): (readonly TimelineItem[])[] {
  const ranges: readonly Range[] = [
    ...(islands.get(id) ?? []),
    { from: loadedFrom, to: Number.POSITIVE_INFINITY },
  ];
  return ranges.flatMap(({ from, to }, place) => {
    const before = ranges[place - 1];
    const parts: (readonly TimelineItem[])[] = before ? [[gapAbove(before, from)]] : [];
    for (const chunk of messages.chunksFrom(from)) {
      const [first, last] = [chunk[0]?.seq ?? 0, chunk.at(-1)?.seq ?? 0];
      if (first > to) break;
      const items = shown(chunk);
      const isWhole = from <= first && last <= to;
      parts.push(isWhole ? items : items.filter(({ seq = 0 }) => seq >= from && seq <= to));
    }
    return parts;
  });
}
