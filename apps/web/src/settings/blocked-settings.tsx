import { useChatClient, useReadable } from '@natter/client/react';
import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { PersonRow } from '../people/person-row.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { useTask } from '../ui/use-task.js';

/** Whom this user blocks. */
export function BlockedSettings(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const blocked = useReadable(client.users.blocked);
  const { isBusy, run } = useTask();
  if (blocked.length === 0) {
    return (
      <EmptyState
        icon={<ShieldCheck className="size-7" />}
        title={say('blocked.none')}
        text={say('blocked.noneText')}
      />
    );
  }
  return (
    <ul className="px-3">
      {blocked.map((userId) => (
        <PersonRow
          key={userId}
          userId={userId}
          action={
            <Button
              look="quiet"
              isBusy={isBusy}
              onClick={() => run(() => client.users.unblock(userId))}
            >
              {say('people.unblock')}
            </Button>
          }
        />
      ))}
    </ul>
  );
}
