import type { ClientMessageId } from '@natter/protocol';
import { type ClientState, messageView } from '../core/index.js';
import type { Notice } from '../engine/engine.js';

/** What became of an order that is over, where nobody tells it any more: of a message, that it is there. */
export function missedNotice(id: ClientMessageId, state: ClientState): Notice {
  for (const chat of state.chats.values()) {
    const sent = chat.messages.sentAs(state.me, id);
    if (sent) return { type: 'settled', id, output: { message: messageView(state, chat, sent) } };
  }
  const error = {
    code: 'UNAVAILABLE',
    message: 'This tab was away when it was answered',
    retryable: true,
  } as const;
  return { type: 'unheard', refusal: { id, chatId: undefined, error } };
}
