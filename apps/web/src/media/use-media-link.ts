import { useAnswer } from '../ui/use-answer.js';
import { useChatClient } from '@natter/client/react';
import type { MediaItem } from './media-item.js';

/** Where a file is to be had for some minutes, for what cannot send a token. */
export function useMediaLink(media: MediaItem | undefined): {
  readonly url?: string;
  readonly thumbnailUrl?: string;
} {
  const client = useChatClient();
  const id = media?.id;
  const { value } = useAnswer(
    async () => (id ? client.request('createMediaLinks', { body: { ids: [id] } }) : []),
    [id],
  );
  return value?.[0] ?? {};
}
