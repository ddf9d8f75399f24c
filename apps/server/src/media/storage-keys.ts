import { MediaId } from '@natter/protocol';
import * as z from 'zod/mini';

/** Under which key the bytes of a file are stored; made of its id alone, never of what a client says (T63). */
export function contentKey(id: MediaId): string {
  return `${id}.content`;
}

export function thumbnailKey(id: MediaId): string {
  return `${id}.thumbnail`;
}

/** What is stored under a key; `undefined` where it is none of ours. */
export function ownerOfKey(key: string): { readonly mediaId: MediaId } | undefined {
  const [name, suffix] = key.split('.');
  if (suffix !== 'content' && suffix !== 'thumbnail') return undefined;
  const { data: mediaId } = z.safeParse(MediaId, name);
  return mediaId && { mediaId };
}
