import type { MessageDraft } from './append-statement.js';

/** Where the drafts of a batch come to stand if all of them are appended; one element for each draft, in their order. */
export interface Places {
  /** Of the draft among those of its chat, from 1 on. */
  readonly places: readonly number[];
  /** The same among those that somebody sent: system messages have no `ordinal` of their own. */
  readonly ordinals: readonly number[];
  /** Whether it is the last of its chat. */
  readonly isLast: readonly boolean[];
  /** For the last that somebody sends to a chat: how many before it others send there. */
  readonly othersBefore: readonly (number | undefined)[];
}

interface ChatPlaces {
  count: number;
  sent: number;
  last: number;
  readonly senders: Map<string, SenderPlaces>;
}

interface SenderPlaces {
  sent: number;
  last: number;
}

/** Counted here and not by windows in SQL, which are made ready again for each batch, of one draft as well. */
export function placesOf(drafts: readonly MessageDraft[]): Places {
  const chats = new Map<string, ChatPlaces>();
  const places: number[] = [];
  const ordinals: number[] = [];
  const isLast: boolean[] = [];
  const othersBefore: (number | undefined)[] = [];
  for (const [index, { chatId, senderId, kind }] of drafts.entries()) {
    let chat = chats.get(chatId);
    if (chat) isLast[chat.last] = false;
    else chats.set(chatId, (chat = { count: 0, sent: 0, last: index, senders: new Map() }));
    chat.count += 1;
    chat.last = index;
    let others: number | undefined;
    if (kind !== 'system') {
      chat.sent += 1;
      const sender = chat.senders.get(senderId);
      if (sender) othersBefore[sender.last] = undefined;
      const sent = (sender?.sent ?? 0) + 1;
      chat.senders.set(senderId, { sent, last: index });
      others = chat.sent - sent;
    }
    places.push(chat.count);
    ordinals.push(chat.sent);
    isLast.push(true);
    othersBefore.push(others);
  }
  return { places, ordinals, isLast, othersBefore };
}
