import type { User } from '@natter/client';
import { useMe } from '@natter/client/react';
import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { Avatar } from '../ui/avatar.js';
import { ChoiceRow } from '../ui/choice-row.js';
import { SearchField } from '../ui/search-field.js';
import { PeopleList } from './people-list.js';
import { useUserSearch } from './use-user-search.js';

interface PeoplePickerProps {
  readonly chosen: readonly User[];
  readonly onChange: (users: readonly User[]) => void;
  /** Who is not offered, as they are in already. */
  readonly without?: readonly string[];
}

/** Chooses several people, found by their names. */
export function PeoplePicker({ chosen, onChange, without = [] }: PeoplePickerProps): ReactNode {
  const say = useText();
  const me = useMe();
  const [query, setQuery] = useState('');
  const found = useUserSearch(query);
  const toggle = (user: User, isChosen: boolean): void =>
    onChange(isChosen ? [...chosen, user] : chosen.filter(({ id }) => id !== user.id));
  return (
    <>
      <div className="px-4 pb-2">
        <SearchField label={say('people.search')} value={query} onChange={setQuery} />
      </div>
      {chosen.length > 0 && (
        <ul
          aria-label={say('people.chosen')}
          className="flex max-h-28 flex-wrap gap-1.5 overflow-y-auto px-4 pb-2"
        >
          {chosen.map((user) => (
            <li
              key={user.id}
              className="bg-brand-soft flex h-8 items-center gap-2 rounded-full ps-1 pe-1"
            >
              <Avatar id={user.id} name={user.displayName} url={user.avatarUrl} size="small" />
              <span className="text-brand-text max-w-32 truncate text-sm font-medium">
                <bdi>{user.displayName}</bdi>
              </span>
              <button
                type="button"
                aria-label={say('people.unchoose', { name: user.displayName })}
                onClick={() => toggle(user, false)}
                className="text-brand-text grid size-6 place-items-center rounded-full"
              >
                <X className="size-4" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <PeopleList {...found} query={query} without={[...without, me?.id ?? '']}>
        {(user) => (
          <ChoiceRow
            key={user.id}
            picture={
              <Avatar id={user.id} name={user.displayName} url={user.avatarUrl} size="medium" />
            }
            name={user.displayName}
            note={`@${user.username}`}
            isChosen={chosen.some(({ id }) => id === user.id)}
            onChange={(isChosen) => toggle(user, isChosen)}
          />
        )}
      </PeopleList>
    </>
  );
}
