import type { MessageItem, Timeline } from '@natter/client';
import { useMemo } from 'react';
import { showLightbox, visualsOf } from '../media/lightbox.js';
import type { Conversation } from './conversation-context.js';

/** What is loaded of a chat, for those of its messages that look for others. */
export function useFound(timeline: Timeline): Pick<Conversation, 'find' | 'open'> {
  return useMemo(() => {
    const messages = (): MessageItem[] =>
      timeline.getSnapshot().items.filter((item) => item.type === 'message');
    return {
      find: (messageId) => messages().find(({ id }) => id?.toString() === messageId),
      open: (message, media) => {
        const items = visualsOf(messages());
        const first = items.findIndex((item) => item.media.key === media.key);
        // What stands in a message is loaded, but for one that went away in this moment.
        showLightbox(first === -1 ? { items: [{ message, media }], first: 0 } : { items, first });
      },
    };
  }, [timeline]);
}
