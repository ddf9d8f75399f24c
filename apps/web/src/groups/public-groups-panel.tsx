import type { Chat } from '@natter/client';
import { useChatClient, useChats } from '@natter/client/react';
import { Globe } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { NothingFound } from '../search/nothing-found.js';
import { Avatar } from '../ui/avatar.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { errorText } from '../ui/error-text.js';
import { Panel } from '../ui/panel.js';
import { RowSkeletons } from '../ui/row-skeletons.js';
import { SearchField } from '../ui/search-field.js';
import { useAnswer } from '../ui/use-answer.js';
import { useSettled } from '../ui/use-settled.js';
import { useTask } from '../ui/use-task.js';

interface GroupRowProps {
  readonly group: Chat;
  readonly isMember: boolean;
}

function GroupRow({ group, isMember }: GroupRowProps): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [, navigate] = useLocation();
  const { isBusy, run } = useTask();
  const { id, title = '', description, memberCount } = group;
  const enter = (): void =>
    run(async () => {
      if (!isMember) await client.chats.join(id);
      navigate(paths.chat(id));
    });
  return (
    <li className="flex min-h-16 items-center gap-3 px-3 py-1">
      <Avatar id={id} name={title} kind="group" size="medium" />
      <span className="min-w-0 grow">
        <span className="block truncate font-medium">
          <bdi>{title}</bdi>
        </span>
        <span className="text-muted block truncate text-sm">
          {say('groups.memberCount', { count: memberCount })}
          {description !== undefined && (
            <>
              {' · '}
              <bdi>{description}</bdi>
            </>
          )}
        </span>
      </span>
      <Button
        look={isMember ? 'quiet' : 'primary'}
        isBusy={isBusy}
        aria-label={say(isMember ? 'publicGroups.openNamed' : 'publicGroups.joinNamed', {
          name: title,
        })}
        onClick={enter}
      >
        {say(isMember ? 'publicGroups.open' : 'publicGroups.join')}
      </Button>
    </li>
  );
}

/** The groups that fit a query, a page at a time. */
function FoundGroups({ query }: { readonly query: string }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const mine = new Set(useChats('group').map(({ id }) => id));
  const archived = new Set(useChats('archived').map(({ id }) => id));
  const ask = (cursor?: string) =>
    client.chats.publicGroups({
      ...(query !== '' && { query }),
      ...(cursor !== undefined && { cursor }),
    });
  const { value: first, error } = useAnswer(() => ask(), [query]);
  const [more, setMore] = useState<readonly (typeof first)[]>([]);
  const { isBusy, run } = useTask();
  if (!first) {
    return error === undefined ? (
      <RowSkeletons />
    ) : (
      <EmptyState title={say('error.notLoaded')} text={errorText(error, say)} />
    );
  }
  const pages = [first, ...more];
  const groups = pages.flatMap((page) => page?.items ?? []);
  const cursor = pages.at(-1)?.nextCursor;
  if (groups.length === 0) {
    return query === '' ? (
      <EmptyState
        icon={<Globe className="size-7" />}
        title={say('publicGroups.none')}
        text={say('publicGroups.noneText')}
      />
    ) : (
      <NothingFound query={query} />
    );
  }
  return (
    <div className="min-h-0 grow overflow-y-auto pb-3">
      <ul className="px-1">
        {groups.map((group) => (
          <GroupRow
            key={group.id}
            group={group}
            isMember={mine.has(group.id) || archived.has(group.id)}
          />
        ))}
      </ul>
      {cursor !== undefined && (
        <div className="px-4 pt-2">
          <Button
            look="quiet"
            className="w-full"
            isBusy={isBusy}
            onClick={() =>
              run(async () => {
                const next = await ask(cursor);
                setMore((before) => [...before, next]);
              })
            }
          >
            {say('publicGroups.more')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** All public groups of the server, to look through and to join. */
export default function PublicGroupsPanel(): ReactNode {
  const say = useText();
  const [query, setQuery] = useState('');
  const settled = useSettled(query.trim());
  return (
    <Panel title={say('publicGroups.title')} back={paths.newChat}>
      <div className="px-4 pb-2">
        <SearchField
          label={say('publicGroups.search')}
          value={query}
          onChange={setQuery}
          autoFocus
        />
      </div>
      <FoundGroups key={settled} query={settled} />
    </Panel>
  );
}
