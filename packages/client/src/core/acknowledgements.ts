import type {
  ChatEntry,
  ChatId,
  ChatSeqOutput,
  CommandInput,
  CommandName,
  CommandOutput,
  MarkInput,
  Message,
  MessageChange,
  MessageId,
} from '@natter/protocol';
import { applyEvent } from './apply-event.js';
import { applyOwnEntry, enterChat } from './chat-entries.js';
import { markOwn } from './marks.js';
import { applyHistory } from './snapshot.js';
import type { ClientState, MessageEntry } from './state.js';

type Apply<Input, Output> = (state: ClientState, input: Input, output: Output) => ClientState;

interface Reference {
  readonly messageId: MessageId;
  readonly chatId?: ChatId | undefined;
}

/** The chat of a message that a command named; `undefined` where this device does not know the message. */
function chatOf(state: ClientState, { messageId, chatId }: Reference): ChatId | undefined {
  if (chatId !== undefined) return chatId;
  return [...state.chats.values()].find((chat) => chat.messages.has(messageId))?.id;
}

function eventOf({ kind }: Message): MessageEntry['event'] {
  if (kind === 'encrypted') return 'newEncryptedMessage';
  return kind === 'media' ? 'newMediaMessage' : 'newMessage';
}

function sent(state: ClientState, message: Message): ClientState {
  return applyOwnEntry(state, { event: eventOf(message), payload: message });
}

/** Applies an entry that the command made; where it made none, there is no `seq` and nothing to apply (ACK-2). */
function changed(
  state: ClientState,
  reference: Reference,
  seq: number | undefined,
  entryOf: (place: { chatId: ChatId; seq: number; messageId: MessageId }) => ChatEntry,
): ClientState {
  const chatId = chatOf(state, reference);
  if (seq === undefined || chatId === undefined) return state;
  return applyOwnEntry(state, entryOf({ chatId, seq, messageId: reference.messageId }));
}

function reacted(added: boolean): Apply<Reference & { readonly emoji: string }, MessageChange> {
  return (state, input, { message, seq }) =>
    changed(state, { ...input, chatId: message.chatId }, seq, (place) => ({
      event: 'reactionChanged',
      payload: {
        ...place,
        userId: state.me,
        emoji: input.emoji,
        added,
        reactions: message.reactions.map(({ emoji, count }) => ({ emoji, count })),
      },
    }));
}

function pinned(event: 'messagePinned' | 'messageUnpinned'): Apply<Reference, ChatSeqOutput> {
  return (state, input, { seq }) =>
    changed(state, input, seq, (place) => ({ event, payload: { ...place, userId: state.me } }));
}

function marked(status: 'delivered' | 'seen'): Apply<MarkInput, object> {
  return (state, { chatId, seq, messageId }) => {
    if (messageId === undefined) {
      return chatId === undefined || seq === undefined
        ? state
        : markOwn(state, chatId, status, seq);
    }
    const id = chatOf(state, { messageId, chatId });
    const message = id && state.chats.get(id)?.messages.get(messageId);
    return id && message ? markOwn(state, id, status, message.seq) : state;
  };
}

/** Nothing of this socket's own: what concerns the user alone comes as an event with `userSeq` (FAN-1). */
const told = (state: ClientState): ClientState => state;

/** What the answer of each command tells the device that sent it and that gets no event (FAN-1). */
const acknowledgements: { readonly [K in CommandName]: Apply<CommandInput<K>, CommandOutput<K>> } =
  {
    joinChat: (state, _, { chat, messages, hasMore }) =>
      applyHistory(enterChat(state, chat), chat.id, { items: messages, hasMoreBefore: hasMore }),
    leaveChat: told,
    sendMessage: (state, _, { message }) => sent(state, message),
    sendEncryptedMessage: (state, _, { message }) => sent(state, message),
    sendMedia: (state, _, { message }) => sent(state, message),
    editMessage: (state, input, { message, seq }) =>
      changed(state, { ...input, chatId: message.chatId }, seq, ({ chatId, seq }) => ({
        event: 'messageEdited',
        payload: { chatId, seq, message },
      })),
    deleteMessage: (state, input, { seq, at }) =>
      at === undefined
        ? state
        : changed(state, input, seq, (place) => ({
            event: 'messageDeleted',
            payload: { ...place, scope: 'everyone', deletedBy: state.me, at },
          })),
    forwardMessage: (state, _, { messages }) => messages.reduce(sent, state),
    messageDelivered: marked('delivered'),
    messageSeen: marked('seen'),
    addReaction: reacted(true),
    removeReaction: reacted(false),
    pinMessage: pinned('messagePinned'),
    unpinMessage: pinned('messageUnpinned'),
    starMessage: told,
    unstarMessage: told,
    setDraft: told,
    clearChat: told,
    typing: told,
    typing_start: told,
    stopTyping: told,
    typing_stop: told,
    sync: (state, _, { entries }) => entries.reduce(applyEvent, state),
  };

/**
 * Applies the answer of a command that this device sent. A command that names a message that it does not know, without
 * its chat, tells nothing here: the next event shows the gap.
 */
export function applyAcknowledgement<K extends CommandName>(
  state: ClientState,
  command: K,
  input: CommandInput<K>,
  output: CommandOutput<K>,
): ClientState {
  return acknowledgements[command](state, input, output);
}
