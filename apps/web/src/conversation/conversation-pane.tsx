import type { ChatHandle, ChatItem } from '@natter/client';
import { useChat, useConnection, useTimeline } from '@natter/client/react';
import { MessageCircleOff } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react';
import { Link, useLocation, useRoute } from 'wouter';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { DropArea } from '../media/drop-area.js';
import { useTray } from '../media/tray.js';
import { EmptyState } from '../ui/empty-state.js';
import { Spinner } from '../ui/spinner.js';
import { Composer } from './composer.js';
import type { ComposerTask } from './composer-task.js';
import { type Conversation, ConversationProvider } from './conversation-context.js';
import { ConversationHeader } from './conversation-header.js';
import { History } from './history.js';
import { PinnedBar } from './pinned-bar.js';
import { useFound } from './use-found.js';
import { useJumps } from './use-jumps.js';
import { useMayWrite } from './use-may-write.js';
import { useRemovals } from './use-removals.js';

const ChatInfoPanel = lazy(() => import('../groups/chat-info-panel.js'));
const MediaPanel = lazy(() => import('../media/media-panel.js'));
const ChatSearchPanel = lazy(() => import('../search/chat-search-panel.js'));
const TranscriptPanel = lazy(() => import('./transcript-panel.js'));

function UnknownChat(): ReactNode {
  const say = useText();
  const { status } = useConnection();
  if (status !== 'live') {
    return (
      <div className="text-muted grid h-full place-items-center" aria-busy="true">
        <Spinner />
      </div>
    );
  }
  return (
    <div className="canvas-dots grid h-full place-items-center">
      <EmptyState
        icon={<MessageCircleOff className="size-7" />}
        title={say('chat.unknownTitle')}
        text={say('chat.unknownText')}
        action={
          <Link href={paths.home} className="text-brand-text font-medium">
            {say('chat.toChats')}
          </Link>
        }
      />
    </div>
  );
}

function SidePane({ chatId }: { readonly chatId: string }): ReactNode {
  const [isInfo] = useRoute('/c/:chatId/info');
  const [isSearch] = useRoute('/c/:chatId/search');
  const [isMedia] = useRoute('/c/:chatId/media');
  const [isTranscript] = useRoute('/c/:chatId/transcript');
  if (!isInfo && !isSearch && !isMedia && !isTranscript) return null;
  return (
    <aside className="bg-panel border-line absolute inset-0 z-20 xl:static xl:w-90 xl:shrink-0 xl:border-s">
      <Suspense>
        {isInfo && <ChatInfoPanel chatId={chatId} />}
        {isSearch && <ChatSearchPanel chatId={chatId} />}
        {isMedia && <MediaPanel chatId={chatId} />}
        {isTranscript && <TranscriptPanel chatId={chatId} />}
      </Suspense>
    </aside>
  );
}

/** A chat from the moment on in which it is known: where it begins depends on what is unread then. */
function KnownChat({
  handle,
  chat,
}: {
  readonly handle: ChatHandle;
  readonly chat: ChatItem;
}): ReactNode {
  const chatId = chat.id;
  const [, navigate] = useLocation();
  const [, addressed] = useRoute('/c/:chatId/m/:messageId');
  const [isUnread] = useState(() => chat.unreadCount !== 0);
  const [timeline, snapshot] = useTimeline(chatId, isUnread ? 'unread' : 'end');
  const [task, setTask] = useState<ComposerTask>({ type: 'write' });
  const jumps = useJumps(timeline);
  const { removed, remove } = useRemovals(handle);
  const { find, open } = useFound(timeline);
  const tray = useTray();
  const mayWrite = useMayWrite(chat);
  const { status } = useConnection();
  const messageId = addressed?.messageId;
  const { jumpTo } = jumps;

  useEffect(() => {
    if (messageId === undefined || status !== 'live') return;
    jumpTo(messageId);
    navigate(paths.chat(chatId), { replace: true });
  }, [messageId, status, chatId, jumpTo, navigate]);

  const conversation = useMemo<Conversation>(
    () => ({
      handle,
      reply: (message) => setTask({ type: 'reply', message }),
      edit: (message) => setTask({ type: 'edit', message }),
      jumpTo,
      find,
      open,
      remove,
    }),
    [handle, jumpTo, find, open, remove],
  );

  return (
    <ConversationProvider value={conversation}>
      <div className="relative flex h-full" data-region="conversation">
        <DropArea
          label={chat.name}
          onFiles={mayWrite === 'yes' ? tray.add : undefined}
          className="relative flex min-w-0 grow flex-col"
        >
          <ConversationHeader handle={handle} chat={chat} jumps={jumps} />
          <PinnedBar chat={chat} />
          <History
            chat={chat}
            timeline={timeline}
            snapshot={snapshot}
            jumps={jumps}
            removed={removed}
            beginsUnread={isUnread && messageId === undefined}
          />
          <Composer
            chat={chat}
            items={snapshot.items}
            task={task}
            onTask={setTask}
            tray={tray}
            onSent={jumps.toEnd}
          />
        </DropArea>
        <SidePane chatId={chatId} />
      </div>
    </ConversationProvider>
  );
}

function AnyChat({ chatId }: { readonly chatId: string }): ReactNode {
  const [handle, chat] = useChat(chatId);
  return chat ? <KnownChat handle={handle} chat={chat} /> : <UnknownChat />;
}

/** An open chat. */
export function ConversationPane({ chatId }: { readonly chatId: string }): ReactNode {
  const isId = /^[\da-f-]{36}$/i.test(chatId);
  return isId ? <AnyChat chatId={chatId} /> : <UnknownChat />;
}
