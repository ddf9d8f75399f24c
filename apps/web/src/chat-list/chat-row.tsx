import type { ChatItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useChat } from '@natter/client/react';
import { AtSign, BellOff, ChevronDown, Pin } from 'lucide-react';
import clsx from 'clsx';
import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths.js';
import { shortTime } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import type { Anchor } from '../ui/anchor.js';
import { showMenu } from '../ui/menu.js';
import { ChatAvatar } from './chat-avatar.js';
import { ChatPreview } from './chat-preview.js';
import { useChatActions } from './chat-actions.js';
import { mutedText, useIsMuted } from './mutes.js';
import { useChatName } from './chat-name.js';

const MOST_SHOWN = 999;

function UnreadBadge({
  chat,
  isMuted,
}: {
  readonly chat: ChatItem;
  readonly isMuted: boolean;
}): ReactNode {
  const say = useText();
  const count = chat.unreadCount ?? 0;
  if (count === 0 && !chat.isMarkedUnread) return null;
  const shown = count > MOST_SHOWN ? `${MOST_SHOWN}+` : count;
  return (
    <span
      className={clsx(
        'grid h-5 min-w-5 place-items-center rounded-full px-1.5 text-xs font-semibold',
        isMuted ? 'bg-field text-muted' : 'bg-brand text-on-brand',
      )}
    >
      <span aria-hidden="true">{count > 0 ? shown : ''}</span>
      <span className="sr-only">
        {count > 0 ? say('chats.unread', { count }) : say('chats.markedUnread')}
      </span>
    </span>
  );
}

interface ChatRowProps {
  readonly chat: ChatItem;
  readonly index: number;
  readonly count: number;
  readonly isOpen: boolean;
}

export const ChatRow = memo(function ChatRow({
  chat,
  index,
  count,
  isOpen,
}: ChatRowProps): ReactNode {
  const say = useText();
  const { i18n } = useLingui();
  const [handle] = useChat(chat.id);
  const name = useChatName(chat);
  const groups = useChatActions(handle, chat);
  const isMuted = useIsMuted(chat);
  const muted = mutedText(chat, i18n.locale, say);
  const isUnread = (chat.unreadCount ?? 0) > 0 || chat.isMarkedUnread;
  const at = chat.lastMessage?.createdAt ?? chat.lastActivityAt;
  const openMenu = (anchor: Anchor): void =>
    showMenu({ anchor, label: say('chats.actions', { name }), groups });
  return (
    <div
      role="listitem"
      data-index={index}
      aria-setsize={count}
      aria-posinset={index + 1}
      className="group/row relative px-2 py-px"
      onContextMenu={(event) => {
        event.preventDefault();
        openMenu({ x: event.clientX, y: event.clientY });
      }}
    >
      <Link
        href={paths.chat(chat.id)}
        aria-current={isOpen ? 'page' : undefined}
        className={clsx(
          'flex h-17.5 items-center gap-3 rounded-xl px-3 transition-colors',
          isOpen ? 'bg-selected' : 'hover:bg-hover',
        )}
      >
        <ChatAvatar chat={chat} />
        <span className="min-w-0 grow">
          <span className="flex items-baseline gap-2">
            <span className="grow truncate font-medium">
              <bdi>{name}</bdi>
            </span>
            <time
              dateTime={at}
              className={clsx(
                'shrink-0 text-xs',
                isUnread ? 'text-brand-text font-medium' : 'text-muted',
              )}
            >
              {shortTime(i18n.locale, at)}
            </time>
          </span>
          <span className="mt-0.5 flex items-center gap-1.5">
            <span className="text-muted min-w-0 grow truncate text-sm">
              <ChatPreview chat={chat} />
            </span>
            {isMuted && (
              <span title={muted} className="shrink-0">
                <BellOff aria-label={muted} className="text-muted size-3.5" />
              </span>
            )}
            {chat.pinnedAt !== undefined && (
              <Pin aria-label={say('chats.pinned')} className="text-muted size-3.5 shrink-0" />
            )}
            {chat.isMentioned && (
              <span className="bg-brand text-on-brand grid size-5 shrink-0 place-items-center rounded-full">
                <AtSign aria-label={say('chats.mentioned')} className="size-3" />
              </span>
            )}
            <UnreadBadge chat={chat} isMuted={isMuted} />
          </span>
        </span>
      </Link>
      <button
        type="button"
        aria-label={say('chats.actions', { name })}
        aria-haspopup="menu"
        onClick={(event) => openMenu(event.currentTarget)}
        className="bg-raised text-muted hover:text-text shadow-bubble absolute end-4 bottom-2 grid size-6 place-items-center rounded-full opacity-0 group-hover/row:opacity-100 focus-visible:opacity-100 coarse:hidden"
      >
        <ChevronDown className="size-4" />
      </button>
    </div>
  );
});
