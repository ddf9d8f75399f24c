import { useReadable } from '@natter/client/react';
import { lazy, type ReactNode, Suspense } from 'react';
import type { EmojiRequest } from './opened-emoji-picker.js';
import { createStore } from './store.js';

const open = createStore<EmojiRequest | undefined>(undefined);

/** Has the user pick an emoji. */
export function showEmojiPicker(request: EmojiRequest): void {
  open.set(request);
}

/** The picker's code and the names of all emoji come with its first use. */
const OpenedEmojiPicker = lazy(() => import('./opened-emoji-picker.js'));

export function EmojiPickerHost(): ReactNode {
  const request = useReadable(open);
  if (!request) return null;
  return (
    <Suspense>
      <OpenedEmojiPicker {...request} onClose={() => open.set(undefined)} />
    </Suspense>
  );
}
