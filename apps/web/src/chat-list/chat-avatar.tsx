import type { ChatItem } from '@natter/client';
import type { ReactNode } from 'react';
import { Avatar } from '../ui/avatar.js';

interface ChatAvatarProps {
  readonly chat: ChatItem;
  /** It is the user's chat with himself. */
  readonly isSelf: boolean;
  readonly size?: 'medium' | 'large' | 'huge';
}

export function ChatAvatar({ chat, isSelf, size = 'large' }: ChatAvatarProps): ReactNode {
  const kind = chat.type === 'group' ? 'group' : isSelf ? 'notes' : 'person';
  return (
    <Avatar
      id={chat.peer?.id ?? chat.id}
      name={chat.name}
      kind={kind}
      size={size}
      isOnline={kind === 'person' && (chat.peer?.online ?? false)}
    />
  );
}
