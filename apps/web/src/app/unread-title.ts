import { useChats } from '@natter/client/react';
import { useEffect } from 'react';
import { isMuted } from '../chat-list/is-muted.js';

function badge(count: number): void {
  if (!('setAppBadge' in navigator)) return;
  // Only an installed page has a badge; elsewhere it is refused.
  const shown = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
  shown.catch(() => undefined);
}

/** Keeps the number of chats with something unread in the page's title and on the installed icon. */
export function useUnreadTitle(): void {
  const unread = useChats('unread').filter((chat) => !isMuted(chat)).length;
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Natter` : 'Natter';
    badge(unread);
  }, [unread]);
}
