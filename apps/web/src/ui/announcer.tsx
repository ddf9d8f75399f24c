import { useReadable } from '@natter/client/react';
import type { ReactNode } from 'react';
import { createStore } from './store.js';

const said = createStore('');

/**
 * Has a screen reader say something when it has a moment. The list of messages is no live region itself: as it is
 * virtual, everything that scrolls into view would be read out.
 */
export function announce(text: string): void {
  said.set(text);
}

export function AnnouncerHost(): ReactNode {
  return (
    <div aria-live="polite" className="sr-only">
      {useReadable(said)}
    </div>
  );
}
