import { useChatClient, useMe } from '@natter/client/react';
import { Bookmark, Globe, UsersRound } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { PeopleList } from '../people/people-list.js';
import { useUserSearch } from '../people/use-user-search.js';
import { Avatar } from '../ui/avatar.js';
import { Panel } from '../ui/panel.js';
import { SearchField } from '../ui/search-field.js';
import { useTask } from '../ui/use-task.js';

const row = 'hover:bg-hover flex min-h-14 w-full items-center gap-3 rounded-xl px-3 text-start';
const round = 'bg-brand text-on-brand grid size-10 place-items-center rounded-full';

/** Begins a chat with somebody, a group, or notes to oneself. */
export default function NewChatPanel(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const me = useMe();
  const [, navigate] = useLocation();
  const [query, setQuery] = useState('');
  const found = useUserSearch(query);
  const { isBusy, run } = useTask();
  const open = (userId: string): void =>
    run(async () => {
      const chat = await client.chats.createDirect(userId);
      navigate(paths.chat(chat.id));
    });
  return (
    <Panel title={say('chats.new')} back={paths.home}>
      <div className="px-4 pb-2">
        <SearchField label={say('people.search')} value={query} onChange={setQuery} autoFocus />
      </div>
      {query.trim() === '' && (
        <div className="px-3 pb-1">
          <Link href={paths.newGroup} className={row}>
            <span className={round}>
              <UsersRound className="size-5" />
            </span>
            <span className="font-medium">{say('groups.new')}</span>
          </Link>
          <Link href={paths.publicGroups} className={row}>
            <span className={round}>
              <Globe className="size-5" />
            </span>
            <span className="font-medium">{say('publicGroups.title')}</span>
          </Link>
          {me && (
            <button type="button" disabled={isBusy} className={row} onClick={() => open(me.id)}>
              <span className={round}>
                <Bookmark className="size-5" />
              </span>
              <span className="font-medium">{say('chats.notes')}</span>
            </button>
          )}
          <h3 className="text-muted px-3 pt-3 pb-1 text-sm font-semibold">{say('people.title')}</h3>
        </div>
      )}
      <PeopleList {...found} query={query} without={[me?.id ?? '']}>
        {(user) => (
          <li key={user.id}>
            <button type="button" disabled={isBusy} className={row} onClick={() => open(user.id)}>
              <Avatar
                id={user.id}
                name={user.displayName}
                url={user.avatarUrl}
                size="medium"
                isOnline={user.online}
              />
              <span className="min-w-0 grow">
                <span className="block truncate">
                  <bdi>{user.displayName}</bdi>
                </span>
                <span className="text-muted block truncate text-sm">
                  {user.about ?? `@${user.username}`}
                </span>
              </span>
            </button>
          </li>
        )}
      </PeopleList>
    </Panel>
  );
}
