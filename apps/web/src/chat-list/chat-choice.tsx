import type { ChatItem } from '@natter/client';
import type { ReactNode } from 'react';
import { ChoiceRow } from '../ui/choice-row.js';
import { ChatAvatar } from './chat-avatar.js';
import { useChatName } from './chat-name.js';

interface ChatChoiceProps {
  readonly chat: ChatItem;
  readonly isChosen: boolean;
  /** No more can be chosen. */
  readonly isFull: boolean;
  readonly onChange: (isChosen: boolean) => void;
}

/** A chat to be chosen among others. */
export function ChatChoice({ chat, isChosen, isFull, onChange }: ChatChoiceProps): ReactNode {
  const name = useChatName(chat);
  return (
    <ChoiceRow
      picture={<ChatAvatar chat={chat} size="medium" />}
      name={name}
      isChosen={isChosen}
      isDisabled={isFull && !isChosen}
      onChange={onChange}
    />
  );
}
