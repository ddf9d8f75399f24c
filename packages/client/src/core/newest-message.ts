import type { ChatState, StoredMessage } from './state.js';

type Newest = Readonly<{ loadedFrom: number; message: StoredMessage | undefined }>;

const newest = new WeakMap<ChatState['messages'], Newest>();

function find({ messages, loadedFrom }: ChatState): StoredMessage | undefined {
  let last: StoredMessage | undefined;
  for (const message of messages.values()) {
    if (message.seq >= loadedFrom && message.seq > (last?.seq ?? 0)) last = message;
  }
  return last;
}

/** The newest message that is known of a chat, found once for each of its states. */
export function newestMessage(chat: ChatState): StoredMessage | undefined {
  const { messages, loadedFrom } = chat;
  const known = newest.get(messages);
  if (known?.loadedFrom === loadedFrom) return known.message;
  const message = find(chat);
  newest.set(messages, { loadedFrom, message });
  return message;
}
