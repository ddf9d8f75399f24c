import type { ChatItem } from '@natter/client';
import type { ReactNode } from 'react';
import { ChatAvatar } from '../chat-list/chat-avatar.js';
import { useChatName, useIsNotes } from '../chat-list/chat-name.js';
import { useText } from '../i18n/use-text.js';

/** Above the first message of a chat. */
export function HistoryStart({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const name = useChatName(chat);
  const isNotes = useIsNotes(chat);
  const text = isNotes ? 'start.notes' : chat.type === 'group' ? 'start.group' : 'start.direct';
  return (
    <div
      role="listitem"
      className="mx-auto mb-4 flex max-w-80 flex-col items-center gap-2 px-6 pt-6 text-center"
    >
      <ChatAvatar chat={chat} size="huge" />
      <p className="mt-1 text-lg font-semibold">
        <bdi>{name}</bdi>
      </p>
      <p className="text-muted text-sm text-pretty">
        {say(text, { name, count: chat.memberCount })}
      </p>
    </div>
  );
}
