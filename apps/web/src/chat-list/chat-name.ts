import type { ChatItem } from '@natter/client';
import { useMe } from '@natter/client/react';
import { useText } from '../i18n/use-text.js';

/** What a chat is called: its title, the other's name, or that it is for notes. */
export function useChatName(chat: ChatItem | undefined): string {
  const say = useText();
  const me = useMe();
  if (!chat) return '';
  return chat.peer && chat.peer.id === me?.id ? say('chats.notes') : chat.name;
}
