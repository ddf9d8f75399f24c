import { MediaId } from '@natter/protocol';
import * as z from 'zod/mini';

/** Under which key the bytes of a file are stored; made of its id alone, never of what a client says (T63). */
export function contentKey(id: MediaId): string {
  return `${id}.content`;
}

export function thumbnailKey(id: MediaId): string {
  return `${id}.thumbnail`;
}

/** @param name Of the avatar, which the server made. */
export function avatarKey(name: string): string {
  return `${name}.avatar`;
}

/** What is stored under a key; nothing where it is none of ours. */
export function ownerOfKey(key: string): {
  readonly mediaId?: MediaId | undefined;
  readonly avatar?: string | undefined;
} {
  const [name, suffix] = key.split('.');
  if (suffix === 'avatar') return { avatar: name };
  if (suffix !== 'content' && suffix !== 'thumbnail') return {};
  return { mediaId: z.safeParse(MediaId, name).data };
}
