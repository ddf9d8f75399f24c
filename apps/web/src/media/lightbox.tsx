import type { MessageItem } from '@natter/client';
import { useReadable } from '@natter/client/react';
import { lazy, type ReactNode, Suspense } from 'react';
import { createStore } from '../ui/store.js';
import { isVisual, type MediaItem, shownMedia } from './media-item.js';

/** A picture or a video with the message that it is in. */
export interface LightboxItem {
  readonly message: MessageItem;
  readonly media: MediaItem;
}

interface LightboxRequest {
  /** In the order in which one goes through them. */
  readonly items: readonly LightboxItem[];
  readonly first: number;
}

const open = createStore<LightboxRequest | undefined>(undefined);

/** All that messages have to be seen, in their order. */
export function visualsOf(messages: readonly MessageItem[]): LightboxItem[] {
  return messages.flatMap((message) =>
    shownMedia(message)
      .filter(isVisual)
      .map((media) => ({ message, media })),
  );
}

/** Shows one of several pictures and videos on the whole screen. */
export function showLightbox(request: LightboxRequest): void {
  open.set(request);
}

/** Its code comes with its first use. */
const OpenedLightbox = lazy(() => import('./opened-lightbox.js'));

export function LightboxHost(): ReactNode {
  const request = useReadable(open);
  if (!request) return null;
  return (
    <Suspense>
      <OpenedLightbox {...request} onClose={() => open.set(undefined)} />
    </Suspense>
  );
}
