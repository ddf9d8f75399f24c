import type { ChatItem } from '@natter/client';
import type { ReactNode } from 'react';
import { Avatar } from '../ui/avatar.js';
import { useIsNotes } from './chat-name.js';

interface ChatAvatarProps {
  readonly chat: ChatItem;
  readonly size?: 'medium' | 'large' | 'huge';
}

export function ChatAvatar({ chat, size = 'large' }: ChatAvatarProps): ReactNode {
  const isNotes = useIsNotes(chat);
  const kind = chat.type === 'group' ? 'group' : isNotes ? 'notes' : 'person';
  return (
    <Avatar
      id={chat.peer?.id ?? chat.id}
      name={chat.name}
      kind={kind}
      size={size}
      url={isNotes ? undefined : (chat.peer?.avatarUrl ?? chat.avatarUrl)}
      isOnline={kind === 'person' && (chat.peer?.online ?? false)}
    />
  );
}
