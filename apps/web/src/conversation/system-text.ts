import type { MessageItem } from '@natter/client';
import { useChatClient, useMe } from '@natter/client/react';
import { useLingui } from '@lingui/react';
import { useCallback } from 'react';
import { durationText } from '../i18n/durations.js';
import { type Say, useText } from '../i18n/use-text.js';

type System = NonNullable<MessageItem['system']>;
/** For the placeholders: in some languages the sentence is another one where it is oneself. */
type Actor = Readonly<Record<'name' | 'self', string>>;
type Changes = Extract<System, { type: 'chatUpdated' }>['changes'];

function changesText(changes: Changes, actor: Actor, say: Say, locale: string): string {
  if (changes.title !== undefined) {
    return say('system.title', { ...actor, title: changes.title });
  }
  if (changes.messageTtlMs !== undefined) {
    return changes.messageTtlMs === null
      ? say('system.timerOff', actor)
      : say('system.timer', { ...actor, duration: durationText(locale, changes.messageTtlMs) });
  }
  if (changes.avatarUrl !== undefined) {
    return say(changes.avatarUrl === null ? 'system.noPicture' : 'system.picture', actor);
  }
  if (changes.description !== undefined) return say('system.description', actor);
  if (changes.visibility !== undefined) {
    return say(changes.visibility === 'public' ? 'system.public' : 'system.private', actor);
  }
  return say('system.settings', actor);
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
        if (id === me?.id) return say('people.youToo');
        return client.users.person(id).getSnapshot()?.displayName || say('people.someone');
      };
      const isSelf = sender.id === me?.id;
      const actor = {
        name: isSelf ? say('people.you') : sender.displayName,
        self: isSelf ? 'yes' : 'no',
      };
      const people = 'userIds' in system ? system.userIds.map(nameOf) : [];
      const users = new Intl.ListFormat(locale).format(people);
      switch (system.type) {
        case 'chatCreated':
          return say('system.created', actor);
        case 'membersAdded':
          return say('system.added', { ...actor, users });
        case 'memberJoined':
          return say('system.joined', actor);
        case 'memberLeft':
          return say('system.left', actor);
        case 'memberRemoved':
          return say('system.removed', { ...actor, users });
        case 'roleChanged':
          return say('system.role', { ...actor, users, role: say(`role.${system.role}`) });
        case 'chatUpdated':
          return changesText(system.changes, actor, say, locale);
      }
    },
    [say, client, me, locale],
  );
}
