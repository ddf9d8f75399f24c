import type { ChatHandle, ChatItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useMe, useMembers } from '@natter/client/react';
import { ArrowLeft, CalendarDays, EllipsisVertical, Info, ScrollText, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { ChatAvatar } from '../chat-list/chat-avatar.js';
import { useChatActions } from '../chat-list/chat-actions.js';
import { useChatName } from '../chat-list/chat-name.js';
import { typingText } from '../chat-list/typing-text.js';
import { dayName, timeOfDay } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';
import { showMenu } from '../ui/menu.js';
import { showGoToDate } from './show-go-to-date.js';
import type { Jumps } from './use-jumps.js';

const MOST_NAMES = 6;

/** What stands below a chat's name: who types, else who is there. */
function useSubtitle(chat: ChatItem): string {
  const say = useText();
  const me = useMe();
  const { locale } = useLingui().i18n;
  const members = useMembers(chat.id);
  const { peer } = chat;
  const typing = typingText(chat, say);
  if (typing !== undefined) return typing;
  if (chat.type === 'group') {
    const names = members
      .slice(0, MOST_NAMES)
      .map(({ person }) => (person.id === me?.id ? say('people.you') : person.displayName));
    const others = chat.memberCount - names.length;
    return others > 0
      ? say('chat.membersAndMore', { names: names.join(', '), others })
      : names.join(', ');
  }
  if (!peer || peer.id === me?.id) return say('chat.notesHint');
  if (peer.online) return say('presence.online');
  if (peer.lastSeenAt === undefined) return `@${peer.username}`;
  const [day, time] = [dayName(locale, peer.lastSeenAt), timeOfDay(locale, peer.lastSeenAt)];
  return say('presence.lastSeen', { day, time });
}

/** Above the messages: with whom, and what can be done with the chat. */
export function ConversationHeader({
  handle,
  chat,
  jumps,
}: {
  readonly handle: ChatHandle;
  readonly chat: ChatItem;
  readonly jumps: Jumps;
}): ReactNode {
  const say = useText();
  const name = useChatName(chat);
  const subtitle = useSubtitle(chat);
  const groups = useChatActions(handle, chat);
  const [, navigate] = useLocation();
  const info = {
    label: say('chat.info'),
    icon: Info,
    run: () => navigate(paths.chatInfo(chat.id)),
  };
  const goToDate = {
    label: say('history.goToDate'),
    icon: CalendarDays,
    run: () => showGoToDate(chat, jumps, say),
  };
  const transcript = {
    label: say('transcript.title'),
    icon: ScrollText,
    run: () => navigate(paths.chatTranscript(chat.id)),
  };
  return (
    <header className="bg-panel border-line flex h-16 shrink-0 items-center gap-1 border-b px-2 md:ps-4">
      <Link
        href={paths.home}
        aria-label={say('common.back')}
        className="hover:bg-hover text-muted grid size-10 shrink-0 place-items-center rounded-full md:hidden"
      >
        <ArrowLeft className="size-5 rtl:-scale-x-100" />
      </Link>
      <Link
        href={paths.chatInfo(chat.id)}
        className="hover:bg-hover flex min-w-0 grow items-center gap-3 rounded-xl px-2 py-1.5"
      >
        <ChatAvatar chat={chat} size="medium" />
        <span className="min-w-0">
          <h2 className="truncate leading-5 font-semibold">
            <bdi>{name}</bdi>
          </h2>
          <span
            className={
              chat.typing.length > 0
                ? 'text-online block truncate text-sm'
                : 'text-muted block truncate text-sm'
            }
          >
            {subtitle}
          </span>
        </span>
      </Link>
      <IconButton label={say('chat.search')} onClick={() => navigate(paths.chatSearch(chat.id))}>
        <Search className="size-5" />
      </IconButton>
      <IconButton
        label={say('chats.actions', { name })}
        aria-haspopup="menu"
        onClick={(event) =>
          showMenu({
            anchor: event.currentTarget,
            label: say('chats.actions', { name }),
            groups: [[info, goToDate, transcript], ...groups],
          })
        }
      >
        <EllipsisVertical className="size-5" />
      </IconButton>
    </header>
  );
}
