import type { ChatItem } from '@natter/client';
import { useChat } from '@natter/client/react';
import { ChevronRight, Images, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths.js';
import { ChatAvatar } from '../chat-list/chat-avatar.js';
import { useChatName, useIsNotes } from '../chat-list/chat-name.js';
import { useText } from '../i18n/use-text.js';
import { AvatarEditor } from '../people/avatar-editor.js';
import { PeerSection } from '../people/peer-section.js';
import { Section } from '../ui/panel.js';
import { GroupDescription } from './group-description.js';
import { GroupEnd } from './group-end.js';
import { GroupSettingsSection } from './group-settings-section.js';
import { InviteSection } from './invite-section.js';
import { MembersSection } from './members-section.js';
import { MuteSection } from './mute-section.js';
import { mayAddMembers, mayEditInfo } from './rights.js';
import { TimerSection } from './timer-section.js';
import { TitleEditor } from './title-editor.js';

function Group({ chat }: { readonly chat: ChatItem }): ReactNode {
  return (
    <>
      <GroupDescription chat={chat} />
      {mayEditInfo(chat) && <TimerSection chat={chat} />}
      {mayAddMembers(chat) && <InviteSection chat={chat} />}
      <MembersSection chat={chat} />
      {chat.role !== 'member' && <GroupSettingsSection chat={chat} />}
      <GroupEnd chat={chat} />
    </>
  );
}

/** Everything about a chat that is not its messages. */
export default function ChatInfoPanel({ chatId }: { readonly chatId: string }): ReactNode {
  const say = useText();
  const [handle, chat] = useChat(chatId);
  const name = useChatName(chat);
  const isNotes = useIsNotes(chat);
  if (!chat) return null;
  const isGroup = chat.type === 'group';
  return (
    <section aria-label={say('chat.info')} className="flex h-full flex-col">
      <header className="flex h-16 shrink-0 items-center gap-2 px-3">
        <Link
          href={paths.chat(chat.id)}
          aria-label={say('common.close')}
          className="hover:bg-hover text-muted grid size-10 place-items-center rounded-full"
        >
          <X className="size-5" />
        </Link>
        <h2 className="text-lg font-semibold">{say(isGroup ? 'groups.info' : 'chat.info')}</h2>
      </header>
      <div className="min-h-0 grow overflow-y-auto">
        <div className="border-line flex flex-col items-center gap-1 border-b px-5 pt-2 pb-5 text-center">
          {isGroup && mayEditInfo(chat) ? (
            <AvatarEditor
              hasPicture={chat.avatarUrl !== undefined}
              onChange={(avatarMediaId) => handle.update({ avatarMediaId })}
            >
              <ChatAvatar chat={chat} size="huge" />
            </AvatarEditor>
          ) : (
            <ChatAvatar chat={chat} size="huge" />
          )}
          {isGroup && mayEditInfo(chat) ? (
            <TitleEditor chat={chat} />
          ) : (
            <p className="mt-2 text-xl font-semibold">
              <bdi>{name}</bdi>
            </p>
          )}
          <p className="text-muted text-sm">
            {isGroup
              ? say(chat.visibility === 'public' ? 'groups.publicCount' : 'groups.privateCount', {
                  count: chat.memberCount,
                })
              : `@${chat.peer?.username ?? ''}`}
          </p>
        </div>
        <MuteSection chat={chat} />
        <Link
          href={paths.chatMedia(chat.id)}
          className="border-line hover:bg-hover flex min-h-13 items-center gap-3 border-b px-5"
        >
          <Images className="text-muted size-5" />
          <span className="grow">{say('gallery.title')}</span>
          <ChevronRight className="text-muted size-4.5 rtl:-scale-x-100" />
        </Link>
        {isGroup ? (
          <Group chat={chat} />
        ) : (
          <>
            <TimerSection chat={chat} />
            {chat.peer && !isNotes && <PeerSection person={chat.peer} />}
            {isNotes && (
              <Section>
                <p className="text-muted">{say('start.notes')}</p>
              </Section>
            )}
          </>
        )}
      </div>
    </section>
  );
}
