import type { User } from '@natter/client';
import { UserSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { EmptyState } from '../ui/empty-state.js';
import { errorText } from '../ui/error-text.js';
import { RowSkeletons } from '../ui/row-skeletons.js';
import type { FoundUsers } from './use-user-search.js';

interface PeopleListProps extends FoundUsers {
  readonly query: string;
  readonly without?: readonly string[];
  readonly children: (user: User) => ReactNode;
}

/** What a search for people found, also where that is nothing, not there yet, or an error. */
export function PeopleList({
  users,
  error,
  query,
  without = [],
  children,
}: PeopleListProps): ReactNode {
  const say = useText();
  if (!users && error !== undefined) {
    return <EmptyState title={say('error.notLoaded')} text={errorText(error, say)} />;
  }
  if (!users) return <RowSkeletons />;
  const shown = users.filter(({ id }) => !without.includes(id));
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<UserSearch className="size-7" />}
        title={query.trim() === '' ? say('people.nobodyYet') : say('people.none')}
        text={
          query.trim() === ''
            ? say('people.nobodyYetText')
            : say('people.noneText', { query: query.trim() })
        }
      />
    );
  }
  return <ul className="min-h-0 grow overflow-y-auto px-3 pb-3">{shown.map(children)}</ul>;
}
