import type { MediaItem, MessageItem } from '@natter/client';

export type { MediaItem };

/** Pictures and videos are shown as such; what is a voice note is heard, whatever its container is taken for. */
export function isVisual({ kind, voice }: MediaItem): boolean {
  return (kind === 'image' || kind === 'video') && voice !== true;
}

export function isAudible({ kind, voice }: MediaItem): boolean {
  return kind === 'audio' || voice === true;
}

const NONE: readonly MediaItem[] = [];

/** The files of a message that can be shown: not those of an encrypted one, of which only its readers could tell what is in. */
export function shownMedia({ kind, media, deletedAt }: MessageItem): readonly MediaItem[] {
  return kind === 'media' && deletedAt === undefined ? (media ?? NONE) : NONE;
}

/** What of a message is seen at once, and what stands below it in a line each. */
export function partsOf(media: readonly MediaItem[]): {
  readonly visuals: readonly MediaItem[];
  readonly others: readonly MediaItem[];
} {
  return { visuals: media.filter(isVisual), others: media.filter((item) => !isVisual(item)) };
}
