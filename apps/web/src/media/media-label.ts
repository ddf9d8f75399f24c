import type { Say } from '../i18n/use-text.js';
import type { MediaItem } from './media-item.js';
import { playTime } from './play-time.js';

type Labelled = Pick<MediaItem, 'kind' | 'voice' | 'durationMs' | 'fileName'>;

/** A file in a few words, as "Photo" or "Voice message 0:12". */
export function mediaLabel({ kind, voice, durationMs, fileName }: Labelled, say: Say): string {
  const time = durationMs === undefined ? '' : ` ${playTime(durationMs)}`;
  if (voice === true) return say('media.voice') + time;
  if (kind === 'image') return say('media.photo');
  if (kind === 'video') return say('media.video') + time;
  return fileName || say(kind === 'audio' ? 'media.audio' : 'media.file');
}

/** All files of a message in a few words; nothing where there are none. */
export function mediaSummary(media: readonly Labelled[] | undefined, say: Say): string | undefined {
  const [first] = media ?? [];
  if (!media || !first) return undefined;
  if (media.length === 1) return mediaLabel(first, say);
  const count = media.length;
  const isAll = (kind: Labelled['kind']): boolean => media.every((item) => item.kind === kind);
  if (isAll('image')) return say('media.photos', { count });
  if (isAll('video')) return say('media.videos', { count });
  return say('media.files', { count });
}
