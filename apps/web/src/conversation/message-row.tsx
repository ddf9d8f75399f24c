import type { MessageItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import clsx from 'clsx';
import { memo, type ReactNode } from 'react';
import { dayName } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Bubble } from './bubble.js';
import { Reactions } from './reactions.js';
import { useSystemText } from './system-text.js';
import { useMessageMenu } from './use-message-menu.js';

interface MessageRowProps {
  readonly message: MessageItem;
  readonly startsDay: boolean;
  readonly startsUnread: boolean;
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
  readonly isGroup: boolean;
  /** It is the one that was jumped to. */
  readonly isTarget: boolean;
  readonly isFocusable: boolean;
}

function Label({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="my-2 flex justify-center px-4">
      <span className="bg-raised text-muted shadow-bubble max-w-120 rounded-full px-3.5 py-1 text-center text-sm text-balance">
        {children}
      </span>
    </div>
  );
}

function UnreadDivider(): ReactNode {
  const say = useText();
  return (
    <div className="bg-brand-soft text-brand-text my-3 py-1.5 text-center text-sm font-medium">
      {say('history.unread')}
    </div>
  );
}

function SystemMessage({ message }: { readonly message: MessageItem }): ReactNode {
  const text = useSystemText();
  return <Label>{text(message)}</Label>;
}

/** One message with what stands above it: its day, and where the unread ones begin. */
export const MessageRow = memo(function MessageRow({
  message,
  startsDay,
  startsUnread,
  startsGroup,
  endsGroup,
  isGroup,
  isTarget,
  isFocusable,
}: MessageRowProps): ReactNode {
  const { i18n } = useLingui();
  const openMenu = useMessageMenu(message);
  const isSystem = message.kind === 'system';
  return (
    <div
      role="listitem"
      data-row={message.key}
      data-message={isSystem ? undefined : ''}
      tabIndex={isFocusable ? 0 : -1}
      className={clsx('outline-offset-[-2px]', isTarget && 'animate-highlight')}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || isSystem) return;
        if (event.key !== 'Enter' && event.key !== ' ' && event.key !== 'ContextMenu') return;
        event.preventDefault();
        openMenu(event.currentTarget.querySelector('[data-bubble]') ?? event.currentTarget);
      }}
      onContextMenu={(event) => {
        if (isSystem || !getSelection()?.isCollapsed) return;
        event.preventDefault();
        openMenu({ x: event.clientX, y: event.clientY });
      }}
    >
      {startsDay && <Label>{dayName(i18n.locale, message.createdAt)}</Label>}
      {startsUnread && <UnreadDivider />}
      {isSystem ? (
        <SystemMessage message={message} />
      ) : (
        <div
          className={clsx(
            'flex flex-col px-4 md:px-8 lg:px-14',
            message.isOwn ? 'items-end' : 'items-start',
            startsGroup ? 'pt-2' : 'pt-0.5',
          )}
        >
          <Bubble
            message={message}
            showsSender={isGroup && !message.isOwn && startsGroup}
            hasTail={endsGroup}
            onMenu={openMenu}
          />
          <Reactions message={message} />
        </div>
      )}
    </div>
  );
});
