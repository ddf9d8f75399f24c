import type { ChatId } from '@natter/protocol';
import {
  applyAcknowledgement,
  applyEvent,
  type ChatState,
  type ClientState,
  messageView,
} from '../core/index.js';
import type { Model } from '../engine/model.js';
import type { OutboxItem } from '../outbox/outbox-item.js';

/** The state after an operation, as the server will tell it; numbers that it will give are made up. */
function foresee(state: ClientState, item: OutboxItem): ClientState {
  const { chatId } = item;
  const chat = chatId && state.chats.get(chatId);
  if (!chat || item.about !== undefined || item.status === 'failed') return state;
  const userSeq = (state.userSeq ?? 0) + 1;
  const place = { chatId, seq: chat.lastSeq + 1 };
  switch (item.command) {
    case 'editMessage': {
      const known = chat.messages.get(item.input.messageId);
      if (!known) return state;
      const { text, encrypted, mentions = known.mentions } = item.input;
      const content = { text, encrypted, mentions, editedAt: item.createdAt };
      const message = messageView(state, chat, { ...known, ...content });
      return applyEvent(state, { event: 'messageEdited', payload: { ...place, message } });
    }
    case 'deleteMessage': {
      const { messageId, scope } = item.input;
      if (scope === 'me') {
        return applyEvent(state, {
          event: 'messageHidden',
          payload: { userSeq, chatId, messageId },
        });
      }
      const payload = { ...place, messageId, scope, deletedBy: state.me, at: item.createdAt };
      return applyEvent(state, { event: 'messageDeleted', payload });
    }
    case 'addReaction':
    case 'removeReaction':
      return foreseeReaction(state, chat, item);
    case 'pinMessage':
    case 'unpinMessage': {
      const event = item.command === 'pinMessage' ? 'messagePinned' : 'messageUnpinned';
      const { messageId } = item.input;
      return applyEvent(state, { event, payload: { ...place, messageId, userId: state.me } });
    }
    case 'starMessage':
    case 'unstarMessage': {
      const starred = item.command === 'starMessage';
      const { messageId } = item.input;
      return applyEvent(state, {
        event: 'messageStarred',
        payload: { userSeq, chatId, messageId, starred },
      });
    }
    case 'setDraft': {
      const { text, replyToId } = item.input;
      const draft = text ? { text, replyToId } : undefined;
      return applyEvent(state, { event: 'draftChanged', payload: { userSeq, chatId, draft } });
    }
    case 'clearChat': {
      const { upToSeq } = item.input;
      return applyEvent(state, { event: 'chatCleared', payload: { userSeq, chatId, upToSeq } });
    }
    case 'messageSeen':
      return applyAcknowledgement(state, 'messageSeen', item.input, {});
    case 'messageDelivered':
      return applyAcknowledgement(state, 'messageDelivered', item.input, {});
    case 'sendMessage':
    case 'sendEncryptedMessage':
    case 'sendMedia':
    case 'forwardMessage':
    case 'createGroup':
    case 'uploadFile':
      return state;
  }
}

function foreseeReaction(
  state: ClientState,
  chat: ChatState,
  { command, input }: Extract<OutboxItem, { command: 'addReaction' | 'removeReaction' }>,
): ClientState {
  const { messageId, emoji } = input;
  const known = chat.messages.get(messageId);
  const added = command === 'addReaction';
  const before = known?.reactions.find((reaction) => reaction.emoji === emoji);
  if (!known || (before?.mine ?? false) === added) return state;
  const count = (before?.count ?? 0) + (added ? 1 : -1);
  const all = before
    ? known.reactions.map((reaction) => (reaction === before ? { emoji, count } : reaction))
    : [...known.reactions, { emoji, count }];
  return applyEvent(state, {
    event: 'reactionChanged',
    payload: {
      chatId: chat.id,
      seq: chat.lastSeq + 1,
      messageId,
      userId: state.me,
      emoji,
      added,
      reactions: all.filter((reaction) => reaction.count > 0),
    },
  });
}

function byChat(outbox: readonly OutboxItem[]): Map<ChatId, OutboxItem[]> {
  const items = new Map<ChatId, OutboxItem[]>();
  for (const item of outbox) {
    if (item.chatId === undefined) continue;
    const list = items.get(item.chatId);
    if (list) list.push(item);
    else items.set(item.chatId, [item]);
  }
  return items;
}

interface Foreseen {
  readonly chat: ChatState;
  readonly items: readonly OutboxItem[];
  readonly result: ChatState;
}

function isSame(a: readonly OutboxItem[], b: readonly OutboxItem[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/**
 * The state as the user wants to see it: with what he did and the server has not answered yet. What has not changed is
 * the same object as the last time.
 */
export class OptimisticState {
  private last: Model | undefined;
  private state: ClientState | undefined;
  private foreseen = new Map<ChatId, Foreseen>();

  of(model: Model): ClientState | undefined {
    if (model.state !== this.last?.state || model.outbox !== this.last?.outbox) {
      this.state = model.state && this.foresee(model.state, byChat(model.outbox));
    }
    this.last = model;
    return this.state;
  }

  private foresee(state: ClientState, items: Map<ChatId, OutboxItem[]>): ClientState {
    const foreseen = new Map<ChatId, Foreseen>();
    for (const [chatId, ofChat] of items) {
      const chat = state.chats.get(chatId);
      if (!chat) continue;
      const known = this.foreseen.get(chatId);
      if (known?.chat === chat && isSame(known.items, ofChat)) {
        foreseen.set(chatId, known);
        continue;
      }
      const result = ofChat.reduce(foresee, state).chats.get(chatId) ?? chat;
      foreseen.set(chatId, { chat, items: ofChat, result });
    }
    this.foreseen = foreseen;
    if ([...foreseen.values()].every(({ chat, result }) => chat === result)) return state;
    const chats = new Map(state.chats);
    for (const [chatId, { result }] of foreseen) chats.set(chatId, result);
    return { ...state, chats };
  }
}
