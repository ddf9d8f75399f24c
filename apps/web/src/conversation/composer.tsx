import type { ChatItem, TimelineItem } from '@natter/client';
import { useChatClient, useMe } from '@natter/client/react';
import type { ReactNode } from 'react';
import type { Tray } from '../media/tray.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { useTask } from '../ui/use-task.js';
import { ComposerField } from './composer-field.js';
import type { ComposerTask } from './composer-task.js';
import { useMayWrite } from './use-may-write.js';

interface ComposerProps {
  readonly chat: ChatItem;
  /** For the last own message, which the up arrow edits, and for the one that a draft answers. */
  readonly items: readonly TimelineItem[];
  readonly task: ComposerTask;
  readonly onTask: (task: ComposerTask) => void;
  readonly tray: Tray;
  readonly onSent: () => void;
}

function Notice({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="bg-panel border-line text-muted flex min-h-16 flex-wrap items-center justify-center gap-3 border-t px-4 py-2 text-center">
      {children}
    </div>
  );
}

function Blocked({ userId, name }: { readonly userId: string; readonly name: string }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { isBusy, run } = useTask();
  return (
    <Notice>
      {say('composer.blocked', { name })}
      <Button look="quiet" isBusy={isBusy} onClick={() => run(() => client.users.unblock(userId))}>
        {say('people.unblock')}
      </Button>
    </Notice>
  );
}

/** Below the messages: where one writes, or why one cannot. */
export function Composer(props: ComposerProps): ReactNode {
  const say = useText();
  const me = useMe();
  const { peer } = props.chat;
  const mayWrite = useMayWrite(props.chat);
  if (mayWrite === 'blocked' && peer) {
    return <Blocked userId={peer.id} name={peer.displayName} />;
  }
  if (mayWrite === 'adminsOnly') return <Notice>{say('composer.adminsOnly')}</Notice>;
  return <ComposerField key={me?.id} {...props} />;
}
