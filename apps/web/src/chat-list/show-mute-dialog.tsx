import type { ChatHandle } from '@natter/client';
import { lazy, Suspense } from 'react';
import type { Say } from '../i18n/use-text.js';
import { showDialog } from '../ui/dialog.js';

const MuteDialog = lazy(() => import('./mute-dialog.js'));

/** Asks for how long a chat is to be silent. */
export function showMuteDialog(handle: ChatHandle, say: Say): void {
  showDialog({
    title: say('mute.title'),
    text: say('mute.text'),
    content: (close) => (
      <Suspense>
        <MuteDialog handle={handle} onClose={close} />
      </Suspense>
    ),
  });
}
