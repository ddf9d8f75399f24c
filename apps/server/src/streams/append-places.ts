import type { ChatId, Message, UserId } from '@natter/protocol';

/** What of a draft decides where it comes to stand. */
interface Placeable {
  readonly chatId: ChatId;
  readonly senderId: UserId;
  readonly kind: Message['kind'];
}

/** Where the drafts of a batch come to stand if all of them are appended; one element for each draft, in their order. */
export interface Places {
  /** Of the draft among those of its chat, from 1 on. */
  readonly places: readonly number[];
  /** The same among those that somebody sent: a system message has the number of the last one before it. */
  readonly ordinals: readonly number[];
  /** Whether it is the last of its chat. */
  readonly isLast: readonly boolean[];
  /** For the last that somebody sends to a chat: how many before it others send there. */
  readonly othersBefore: readonly (number | undefined)[];
}

/** Of what was counted so far; the last is told by its index. */
interface Count {
  drafts: number;
  lastIndex: number;
}

interface ChatCount extends Count {
  sent: number;
  readonly bySender: Map<string, Count>;
}

/** The count that stands in the map under the key, which is made where there is none. */
function countIn<T>(counts: Map<string, T>, key: string, make: () => T): T {
  const known = counts.get(key);
  if (known) return known;
  const made = make();
  counts.set(key, made);
  return made;
}

/** Counted here and not by windows in SQL, which are made ready again for each batch, of one draft as well. */
export function placesOf(drafts: readonly Placeable[]): Places {
  const chats = new Map<string, ChatCount>();
  const places: number[] = [];
  const ordinals: number[] = [];
  const isLast: boolean[] = [];
  const othersBefore: (number | undefined)[] = [];
  for (const [index, { chatId, senderId, kind }] of drafts.entries()) {
    const chat = countIn(chats, chatId, () => ({
      drafts: 0,
      lastIndex: index,
      sent: 0,
      bySender: new Map(),
    }));
    isLast[chat.lastIndex] = false;
    isLast[index] = true;
    chat.drafts += 1;
    chat.lastIndex = index;
    if (kind === 'system') {
      othersBefore[index] = undefined;
    } else {
      const sender = countIn(chat.bySender, senderId, () => ({ drafts: 0, lastIndex: index }));
      othersBefore[sender.lastIndex] = undefined;
      chat.sent += 1;
      sender.drafts += 1;
      sender.lastIndex = index;
      othersBefore[index] = chat.sent - sender.drafts;
    }
    places[index] = chat.drafts;
    ordinals[index] = chat.sent;
  }
  return { places, ordinals, isLast, othersBefore };
}
