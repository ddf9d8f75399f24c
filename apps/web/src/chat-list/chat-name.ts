import type { ChatItem } from '@natter/client';
import { useMe } from '@natter/client/react';
import { useText } from '../i18n/use-text.js';

/** Whether it is the user's chat with himself. */
export function useIsNotes(chat: ChatItem | undefined): boolean {
  const me = useMe();
  return chat?.peer !== undefined && chat.peer.id === me?.id;
}

/** What a chat is called: its title, the other's name, or that it is for notes. */
export function useChatName(chat: ChatItem | undefined): string {
  const say = useText();
  const isNotes = useIsNotes(chat);
  if (!chat) return '';
  return isNotes ? say('chats.notes') : chat.name;
}
