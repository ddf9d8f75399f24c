import type { ChatItem } from '@natter/client';
import { lazy, Suspense } from 'react';
import type { Say } from '../i18n/use-text.js';
import { showDialog } from '../ui/dialog.js';
import type { Jumps } from './use-jumps.js';

const GoToDateDialog = lazy(() => import('./go-to-date-dialog.js'));

/** Asks for a day, and goes to its first message. */
export function showGoToDate(chat: ChatItem, { jumpToTime }: Jumps, say: Say): void {
  showDialog({
    title: say('history.goToDate'),
    content: (close) => (
      <Suspense>
        <GoToDateDialog
          from={chat.createdAt}
          onGo={(at) => {
            close();
            jumpToTime(at);
          }}
        />
      </Suspense>
    ),
  });
}
