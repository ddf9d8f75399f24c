import type { ChatEntry, Message, UserId } from '@natter/protocol';
import type { CommittedChatEntry } from '../streams/commit.js';
import { skipped } from '../streams/stream-row.js';
import { chatRoom, senderOf, userRoom } from './rooms.js';

/** One emission: to every socket in one of the rooms that is in none of the others. */
export interface Delivery {
  readonly entry: ChatEntry;
  readonly rooms: readonly string[];
  /** Rooms, or the ids of single sockets. */
  readonly except: readonly string[];
}

function unquotedMessage(message: Message): Message {
  if (!message.replyTo) return message;
  const { preview: _, ...replyTo } = message.replyTo;
  return { ...message, replyTo };
}

/** The entry for members who cannot see what it quotes. */
function unquoted(entry: ChatEntry): ChatEntry {
  if (
    entry.event === 'newMessage' ||
    entry.event === 'newEncryptedMessage' ||
    entry.event === 'newMediaMessage'
  ) {
    return { event: entry.event, payload: unquotedMessage(entry.payload) };
  }
  if (entry.event !== 'messageEdited') return entry;
  const message = unquotedMessage(entry.payload.message);
  return { event: entry.event, payload: { ...entry.payload, message } };
}

/** Who learns from this entry alone that he joins: he gets `chatAdded`, which holds it already (CHAT-3). */
function joining({ entry }: CommittedChatEntry): readonly UserId[] {
  const system = entry.event === 'newMessage' ? entry.payload.system : undefined;
  return system?.type === 'memberJoined' || system?.type === 'membersAdded' ? system.userIds : [];
}

/** What a chat's entry is to one of its members. */
export function entryFor(userId: UserId, committed: CommittedChatEntry): ChatEntry {
  const { chatId, seq, entry } = committed;
  if (committed.hiddenFrom?.includes(userId)) return skipped({ chat_id: chatId, seq });
  return committed.unquotedFor?.includes(userId) ? unquoted(entry) : entry;
}

/**
 * The emissions by which a chat's entry comes to each member's sockets once, in the form that he may see.
 *
 * @param arriving Members who do not have the chat yet, and get what came since with it.
 */
export function deliveriesOf(
  committed: CommittedChatEntry,
  arriving: readonly UserId[],
): Delivery[] {
  const { chatId, seq, entry } = committed;
  const sender = senderOf(committed);
  const here = (userIds: readonly UserId[] = []) =>
    userIds.filter((userId) => !arriving.includes(userId)).map(userRoom);
  const hidden = here(committed.hiddenFrom);
  const unable = here(committed.unquotedFor).filter((room) => !hidden.includes(room));
  const others = [...joining(committed).map(userRoom), ...hidden, ...unable, ...sender];
  return [
    { entry, rooms: [chatRoom(chatId)], except: others },
    ...(hidden.length > 0
      ? [{ entry: skipped({ chat_id: chatId, seq }), rooms: hidden, except: sender }]
      : []),
    ...(unable.length > 0 ? [{ entry: unquoted(entry), rooms: unable, except: sender }] : []),
  ];
}
