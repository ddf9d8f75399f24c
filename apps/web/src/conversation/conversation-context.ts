import type { ChatHandle, MessageItem } from '@natter/client';
import { createContext, useContext } from 'react';
import type { MediaItem } from '../media/media-item.js';

/** What the messages of an open chat can ask of it. */
export interface Conversation {
  readonly handle: ChatHandle;
  readonly reply: (message: MessageItem) => void;
  readonly edit: (message: MessageItem) => void;
  /** Shows a message wherever it is, as the one that a reply quotes. */
  readonly jumpTo: (messageId: string) => void;
  /** A message that is loaded. */
  readonly find: (messageId: string) => MessageItem | undefined;
  /** Shows a picture or a video of a message large, among all that are loaded. */
  readonly open: (message: MessageItem, media: MediaItem) => void;
  /** Deletes after some seconds in which it can be undone. */
  readonly remove: (message: MessageItem, scope: 'everyone' | 'me') => void;
}

const ConversationContext = createContext<Conversation | undefined>(undefined);

export const ConversationProvider = ConversationContext.Provider;

export function useConversation(): Conversation {
  const conversation = useContext(ConversationContext);
  if (!conversation) throw new Error('A message is shown outside of its conversation');
  return conversation;
}
