import type { MessageItem } from '@natter/client';
import { useChatClient, useMe } from '@natter/client/react';
import { useLingui } from '@lingui/react';
import { useCallback } from 'react';
import { durationText } from '../i18n/durations.js';
import { type Say, useText } from '../i18n/use-text.js';

type System = NonNullable<MessageItem['system']>;
type Changes = Extract<System, { type: 'chatUpdated' }>['changes'];

function changesText(changes: Changes, name: string, say: Say, locale: string): string {
  if (changes.title !== undefined) {
    return say('system.title', { name, title: changes.title });
  }
  if (changes.messageTtlMs !== undefined) {
    return changes.messageTtlMs === null
      ? say('system.timerOff', { name })
      : say('system.timer', { name, duration: durationText(locale, changes.messageTtlMs) });
  }
  if (changes.description !== undefined) return say('system.description', { name });
  if (changes.visibility !== undefined) {
    return say(changes.visibility === 'public' ? 'system.public' : 'system.private', { name });
  }
  return say('system.settings', { name });
}

/** What the system's messages say: who did what to the chat. */
export function useSystemText(): (message: MessageItem) => string {
  const say = useText();
  const client = useChatClient();
  const me = useMe();
  const { locale } = useLingui().i18n;
  return useCallback(
    ({ system, sender }) => {
      if (!system) return '';
      const nameOf = (id: string): string => {
        if (id === me?.id) return say('people.you');
        return client.users.person(id).getSnapshot()?.displayName || say('people.someone');
      };
      const name = sender.id === me?.id ? say('people.you') : sender.displayName;
      const people = 'userIds' in system ? system.userIds.map(nameOf) : [];
      const users = new Intl.ListFormat(locale).format(people);
      switch (system.type) {
        case 'chatCreated':
          return say('system.created', { name });
        case 'membersAdded':
          return say('system.added', { name, users });
        case 'memberJoined':
          return say('system.joined', { name });
        case 'memberLeft':
          return say('system.left', { name });
        case 'memberRemoved':
          return say('system.removed', { name, users });
        case 'roleChanged':
          return say('system.role', { name, users, role: say(`role.${system.role}`) });
        case 'chatUpdated':
          return changesText(system.changes, name, say, locale);
      }
    },
    [say, client, me, locale],
  );
}
