import { useChats, useMe } from '@natter/client/react';
import { Archive, MessageSquarePlus, MessagesSquare, Settings } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths.js';
import { PanelLoading } from '../app/panel-loading.js';
import { useText } from '../i18n/use-text.js';
import { Avatar } from '../ui/avatar.js';
import { EmptyState } from '../ui/empty-state.js';
import { Panel } from '../ui/panel.js';
import { SearchField } from '../ui/search-field.js';
import { ChatFilters, type ShownFilter } from './chat-filters.js';
import { ChatList } from './chat-list.js';
import { chatSearchId } from './chat-search-focus.js';

const SearchResults = lazy(() => import('../search/search-results.js'));

function NoChats({ filter }: { readonly filter: ShownFilter | 'archived' }): ReactNode {
  const say = useText();
  if (filter === 'archived') return <EmptyState title={say('chats.noneArchived')} />;
  if (filter !== 'all') return <EmptyState title={say('chats.noneOfFilter')} />;
  return (
    <EmptyState
      icon={<MessagesSquare className="size-7" />}
      title={say('chats.noneTitle')}
      text={say('chats.noneText')}
      action={
        <Link
          href={paths.newChat}
          className="bg-brand text-on-brand hover:bg-brand-strong rounded-control inline-flex min-h-10 items-center px-4 font-medium"
        >
          {say('chats.start')}
        </Link>
      }
    />
  );
}

function HomeActions(): ReactNode {
  const say = useText();
  const me = useMe();
  const round =
    'hover:bg-hover text-muted hover:text-text grid size-10 place-items-center rounded-full';
  return (
    <>
      <Link
        href={paths.newChat}
        aria-label={say('chats.new')}
        title={say('chats.new')}
        className={round}
      >
        <MessageSquarePlus className="size-5" />
      </Link>
      <Link
        href={paths.settings}
        aria-label={say('settings.title')}
        title={say('settings.title')}
        className={round}
      >
        {me ? (
          <Avatar id={me.id} name={me.displayName} url={me.avatarUrl} size="small" />
        ) : (
          <Settings className="size-5" />
        )}
      </Link>
    </>
  );
}

/** The chats: all that are not archived, or those that are. */
export function ChatListPanel({ isArchive = false }: { readonly isArchive?: boolean }): ReactNode {
  const say = useText();
  const [query, setQuery] = useState('');
  const [chosen, setFilter] = useState<ShownFilter>('all');
  const filter = isArchive ? 'archived' : chosen;
  const chats = useChats(filter);
  const archived = useChats('archived').length;
  return (
    <Panel
      title={say(isArchive ? 'chats.archived' : 'chats.title')}
      {...(isArchive ? { back: paths.home } : { actions: <HomeActions /> })}
    >
      {!isArchive && (
        <div className="px-3 pb-2">
          <SearchField
            id={chatSearchId}
            label={say('search.everywhere')}
            value={query}
            onChange={setQuery}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setQuery('');
            }}
          />
        </div>
      )}
      {query.trim() !== '' ? (
        <Suspense fallback={<PanelLoading />}>
          <SearchResults query={query.trim()} onOpen={() => setQuery('')} />
        </Suspense>
      ) : (
        <>
          {!isArchive && <ChatFilters chosen={chosen} onChoose={setFilter} />}
          {!isArchive && archived > 0 && chosen === 'all' && (
            <Link
              href={paths.archived}
              className="hover:bg-hover text-muted mx-2 flex min-h-11 items-center gap-4 rounded-xl px-5"
            >
              <Archive className="size-4.5" />
              <span className="grow font-medium">{say('chats.archived')}</span>
              <span className="text-sm">{archived}</span>
            </Link>
          )}
          {chats.length === 0 ? <NoChats filter={filter} /> : <ChatList chats={chats} />}
        </>
      )}
    </Panel>
  );
}
