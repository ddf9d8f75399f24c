import type { ChatItem } from '@natter/client';
import { useMe } from '@natter/client/react';
import type { ReactNode } from 'react';
import { Ticks } from '../conversation/ticks.js';
import { useMessageSummary } from '../conversation/message-summary.js';
import { useText } from '../i18n/use-text.js';
import { typingText } from './typing-text.js';

/** The second line of a chat's row: who is typing, else what was begun to be written, else the newest message. */
export function ChatPreview({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const me = useMe();
  const summary = useMessageSummary(chat.lastMessage);
  const { draft, lastMessage } = chat;
  const typing = typingText(chat, say);
  if (typing !== undefined) return <span className="text-online font-medium">{typing}</span>;
  if (draft) {
    return (
      <>
        <span className="text-danger font-medium">{say('chats.draft')}</span>{' '}
        <bdi>{draft.text}</bdi>
      </>
    );
  }
  if (!lastMessage) return say('chats.noMessages');
  const isOwn = lastMessage.senderId === me?.id;
  const isSystem = lastMessage.kind === 'system';
  return (
    <>
      {isOwn && !isSystem && lastMessage.deletedAt === undefined && (
        <Ticks status={lastMessage.status} className="me-1 inline-block align-[-3px]" />
      )}
      {!isOwn && !isSystem && chat.type === 'group' && (
        <>
          <bdi>{lastMessage.sender.displayName}</bdi>:{' '}
        </>
      )}
      <bdi>{summary}</bdi>
    </>
  );
}
