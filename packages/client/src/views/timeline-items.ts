import type { ChatState, ClientState, StoredMessage } from '../core/index.js';
import type { Model } from '../engine/model.js';
import { isSend, type SendItem } from '../outbox/outbox-item.js';
import type { Range } from '../timeline/ranges.js';
import { type MessageItem, messageItem, pendingItem } from './message-item.js';

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
function pendingSends({ outbox }: Model, chat: ChatState, state: ClientState): SendItem[] {
  const sends = outbox.filter(isSend).filter((item) => item.chatId === chat.id);
  if (sends.length === 0) return sends;
  const arrived = new Set<string>();
  for (const { senderId, clientMessageId } of chat.messages.values()) {
    if (senderId === state.me && clientMessageId !== undefined) arrived.add(clientMessageId);
  }
  return sends.filter(({ id }) => !arrived.has(id));
}

function isExpired({ expiresAt }: StoredMessage, now: string): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/**
 * All that is loaded of a chat, in its order, with what is on its way to the server at the end.
 *
 * @param now ISO 8601: what has expired is not shown any more.
 */
export function timelineItems(
  model: Model,
  state: ClientState,
  chat: ChatState,
  now: string,
): TimelineItem[] {
  const islands: readonly Range[] = [
    ...(model.islands.get(chat.id) ?? []),
    { from: chat.loadedFrom, to: Number.POSITIVE_INFINITY },
  ];
  const messages = [...chat.messages.values()].toSorted((a, b) => a.seq - b.seq);
  const items: TimelineItem[] = [];
  let index = 0;
  for (const [place, { from, to }] of islands.entries()) {
    const before = islands[place - 1];
    if (before) items.push(gapAbove(before, from));
    for (let message = messages[index]; message && message.seq <= to; message = messages[index]) {
      if (message.seq >= from && !isExpired(message, now)) {
        items.push(messageItem(state, chat, message));
      }
      index += 1;
    }
  }
  for (const send of pendingSends(model, chat, state))
    items.push(pendingItem(state, chat.id, send, model.uploads));
  return items;
}
