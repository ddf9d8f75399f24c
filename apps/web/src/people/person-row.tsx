import { usePerson } from '@natter/client/react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { Avatar } from '../ui/avatar.js';

interface PersonRowProps {
  readonly userId: string;
  readonly note?: string;
  readonly action?: ReactNode;
}

/** Somebody who was met, in a list. */
export function PersonRow({ userId, note, action }: PersonRowProps): ReactNode {
  const say = useText();
  const person = usePerson(userId);
  const name = person?.displayName || say('people.someone');
  return (
    <li className="flex min-h-14 items-center gap-3 rounded-xl px-2">
      <Avatar
        id={userId}
        name={name}
        url={person?.avatarUrl}
        size="medium"
        isOnline={person?.online ?? false}
      />
      <span className="min-w-0 grow">
        <span className="block truncate">
          <bdi>{name}</bdi>
        </span>
        <span className="text-muted block truncate text-sm">
          {note ?? (person?.username ? `@${person.username}` : '')}
        </span>
      </span>
      {action}
    </li>
  );
}
