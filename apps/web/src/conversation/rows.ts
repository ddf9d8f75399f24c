import type { MessageItem, TimelineItem, TimelineSnapshot } from '@natter/client';
import { dayKey } from '../i18n/dates.js';

type GapItem = Exclude<TimelineItem, MessageItem>;

/** What is loaded without a hole around the place at which the user is. */
interface Stretch {
  readonly messages: readonly MessageItem[];
  readonly hasOlder: boolean;
  /** The hole before and after it. */
  readonly gapAbove: GapItem | undefined;
  readonly gapBelow: GapItem | undefined;
}

/**
 * The stretch around a message, the newest one without it. Others are not shown: what is loaded in the middle of a
 * virtual list would move what is being read.
 */
export function stretchAround(
  { items, hasOlder }: Pick<TimelineSnapshot, 'items' | 'hasOlder'>,
  anchorKey: string | undefined,
): Stretch {
  const known = items.findIndex(({ key }) => key === anchorKey);
  const anchor = known === -1 ? items.length - 1 : known;
  const isGap = (item: TimelineItem): item is GapItem => item.type === 'gap';
  const above = items.slice(0, anchor).findLastIndex(isGap);
  const after = items.slice(anchor + 1).findIndex(isGap);
  const end = after === -1 ? items.length : anchor + 1 + after;
  const [gapAbove, gapBelow] = [items[above], items[end]];
  return {
    messages: items.slice(above + 1, end).filter((item) => item.type === 'message'),
    hasOlder: above !== -1 || hasOlder,
    gapAbove: gapAbove?.type === 'gap' ? gapAbove : undefined,
    gapBelow: gapBelow?.type === 'gap' ? gapBelow : undefined,
  };
}

/** One line of the history: a message with what stands above it. */
export interface Row {
  readonly key: string;
  readonly message: MessageItem;
  /** It is the first one of its day, here. */
  readonly startsDay: boolean;
  readonly startsUnread: boolean;
  /** The first and the last one of those that one person wrote in one go. */
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
}

const TOGETHER_MS = 5 * 60 * 1000;

function belongTogether(a: MessageItem | undefined, b: MessageItem | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.senderId === b.senderId &&
    a.kind !== 'system' &&
    b.kind !== 'system' &&
    Date.parse(b.createdAt) - Date.parse(a.createdAt) < TOGETHER_MS &&
    dayKey(a.createdAt) === dayKey(b.createdAt)
  );
}

/** Messages as the lines of a history. */
export function rowsOf(
  messages: readonly MessageItem[],
  firstUnreadKey: string | undefined,
): Row[] {
  // What the system tells is never unread (CHAT-4).
  const first = messages.findIndex(({ key }) => key === firstUnreadKey);
  const unread = messages.slice(Math.max(first, 0)).find(({ kind }) => kind !== 'system');
  const dividerKey = first === -1 ? undefined : unread?.key;
  return messages.map((message, index) => {
    const [before, after] = [messages[index - 1], messages[index + 1]];
    const startsDay = !before || dayKey(before.createdAt) !== dayKey(message.createdAt);
    const startsUnread = message.key === dividerKey;
    return {
      key: message.key,
      message,
      startsDay,
      startsUnread,
      startsGroup: startsUnread || !belongTogether(before, message),
      endsGroup: after?.key === dividerKey || !belongTogether(message, after),
    };
  });
}
