import type { MemberItem } from '@natter/client';
import { useMe } from '@natter/client/react';
import clsx from 'clsx';
import { type ReactNode, type RefObject, useLayoutEffect, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { Avatar } from '../ui/avatar.js';
import { candidatesFor, type MentionQuery } from './mentions.js';

const MOST = 6;

interface MentionListProps {
  readonly query: MentionQuery;
  readonly members: readonly MemberItem[];
  /** Keeps the focus: its keys choose from the list. */
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onPick: (name: string) => void;
  readonly onClose: () => void;
}

/** Those who may be meant by what was written after an `@`. */
export function MentionList({
  query,
  members,
  field,
  onPick,
  onClose,
}: MentionListProps): ReactNode {
  const say = useText();
  const me = useMe();
  const [active, setActive] = useState(0);
  const found = candidatesFor(
    query.text,
    members.filter(({ person }) => person.id !== me?.id),
  ).slice(0, MOST);
  const chosen = found[Math.min(active, found.length - 1)];

  // Before the list is seen: a key that is pressed at its sight chooses from it, and sends nothing.
  useLayoutEffect(() => {
    const area = field.current;
    if (!area || !chosen) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.isComposing) return;
      const keys: Readonly<Record<string, () => void>> = {
        ArrowDown: () => setActive((at) => (at + 1) % found.length),
        ArrowUp: () => setActive((at) => (at + found.length - 1) % found.length),
        Enter: () => onPick(chosen.person.displayName),
        Tab: () => onPick(chosen.person.displayName),
        Escape: onClose,
      };
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    area.addEventListener('keydown', onKeyDown);
    return () => area.removeEventListener('keydown', onKeyDown);
  });

  if (found.length === 0) return null;
  return (
    <ul
      role="listbox"
      aria-label={say('composer.mention')}
      className="bg-raised shadow-raised border-line rounded-card animate-rise absolute inset-x-2 bottom-full mb-2 max-w-90 border p-1.5"
    >
      {found.map((member) => (
        <li
          key={member.person.id}
          role="option"
          aria-selected={member === chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(member.person.displayName);
          }}
          className={clsx(
            'flex min-h-11 cursor-default items-center gap-3 rounded-lg px-3',
            member === chosen && 'bg-selected',
          )}
        >
          <Avatar
            id={member.person.id}
            name={member.person.displayName}
            url={member.person.avatarUrl}
            size="small"
          />
          <span className="grow truncate">
            <bdi>{member.person.displayName}</bdi>
          </span>
          <span className="text-muted text-sm">@{member.person.username}</span>
        </li>
      ))}
    </ul>
  );
}
