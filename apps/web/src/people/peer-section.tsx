import type { Person } from '@natter/client';
import { useChatClient, useReadable } from '@natter/client/react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { confirm } from '../ui/confirm.js';
import { Section } from '../ui/panel.js';
import { useAnswer } from '../ui/use-answer.js';
import { useTask } from '../ui/use-task.js';

/** The other one of a direct chat: what he tells of himself, and blocking him. */
export function PeerSection({ person }: { readonly person: Person }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const isBlocked = useReadable(client.users.blocked).includes(person.id);
  const { value: user } = useAnswer(() => client.users.get(person.id), [person.id]);
  const { isBusy, run } = useTask();
  const name = person.displayName;

  function toggle(): void {
    if (isBlocked) {
      run(() => client.users.unblock(person.id));
      return;
    }
    void confirm({
      title: say('people.blockTitle', { name }),
      text: say('people.blockText'),
      action: say('people.block'),
      cancel: say('common.cancel'),
      isDangerous: true,
    }).then((isSure) => {
      if (isSure) run(() => client.users.block(person.id));
    });
  }

  return (
    <>
      {user?.about !== undefined && user.about !== '' && (
        <Section title={say('profile.about')}>
          <p className="plaintext">{user.about}</p>
        </Section>
      )}
      <Section>
        <Button
          look={isBlocked ? 'quiet' : 'danger'}
          isBusy={isBusy}
          onClick={toggle}
          className="w-full"
        >
          {say(isBlocked ? 'people.unblock' : 'people.block')}
        </Button>
      </Section>
    </>
  );
}
