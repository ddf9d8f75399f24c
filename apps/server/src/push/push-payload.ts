import { previewOf, type PushPayload } from '@natter/protocol';
import type { PushConfig } from '../config/config.js';
import type { AlertedMessage } from './alerts.repository.js';

/** What a push says of a message: ids alone, unless the operator wants more and the message allows it (PUSH-2). */
export function messagePayload(
  message: AlertedMessage,
  { content }: Pick<PushConfig, 'content'>,
): PushPayload {
  const { chat_id: chatId, id: messageId, seq } = message;
  const ids = { type: 'message' as const, chatId, messageId, seq };
  // Of what is encrypted the server tells no more than it must, and what lives for a time would outlive it.
  if (content === 'ids' || message.kind === 'encrypted' || message.expires_at !== null) return ids;
  const { sender_id: id, username, display_name: displayName } = message;
  return {
    ...ids,
    sender: { id, username, displayName },
    ...(message.title !== null && { title: message.title }),
    ...(message.text !== null && { preview: previewOf(message.text) }),
  };
}
