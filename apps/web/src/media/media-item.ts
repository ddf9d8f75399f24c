import type { MediaItem } from '@natter/client';

export type { MediaItem };

/** Pictures and videos are shown as such; what is a voice note is heard, whatever its container is taken for. */
export function isVisual({ kind, voice }: MediaItem): boolean {
  return (kind === 'image' || kind === 'video') && voice !== true;
}

export function isAudible({ kind, voice }: MediaItem): boolean {
  return kind === 'audio' || voice === true;
}

/** What of a message is seen at once, and what stands below it in a line each. */
export function partsOf(media: readonly MediaItem[]): {
  readonly visuals: readonly MediaItem[];
  readonly others: readonly MediaItem[];
} {
  return { visuals: media.filter(isVisual), others: media.filter((item) => !isVisual(item)) };
}
