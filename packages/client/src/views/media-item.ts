import type { Media, MediaId } from '@natter/protocol';
import type { UploadProgress } from '../engine/model.js';
import type { ErrorInfo } from '../errors.js';
import { kindOf, type OutboxFile } from '../outbox/outbox-file.js';

/** How far a file has come on its way from this device. */
export interface UploadItem {
  /** `waiting` for the network, or for its turn; `failed` waits for the user, as its message does. */
  readonly state: 'waiting' | 'uploading' | 'paused' | 'failed';
  /** Of `size`. */
  readonly sentBytes: number;
  /** Why it `failed`, or why the last attempt did not get through. */
  readonly error?: ErrorInfo | undefined;
}

/** A file of a message as it is to be shown, from the moment on in which it was chosen. */
export interface MediaItem extends Omit<Media, 'id' | 'url' | 'thumbnailUrl' | 'peaks'> {
  /** Unique, and the same from the moment on in which it was chosen: for lists, and for `client.media`. */
  readonly key: string;
  /** Absent while it is on its way. */
  readonly id?: MediaId;
  readonly peaks?: readonly number[];
  /** Addresses of the server, which want a token; for an `<img>` there are `client.media.link` and `useMediaLink`. */
  readonly url?: string;
  readonly thumbnailUrl?: string;
  /** Only while it is on its way from this device. */
  readonly upload?: UploadItem;
}

const shown = new WeakMap<OutboxFile, { progress: UploadProgress | undefined; item: MediaItem }>();

function uploadItem(file: OutboxFile, progress: UploadProgress | undefined): UploadItem {
  const { isUploaded, isPaused, size } = file;
  const sentBytes = isUploaded ? size : (progress?.sentBytes ?? 0);
  const error = file.error ?? progress?.error;
  const more = { sentBytes, ...(error && { error }) };
  if (file.error) return { state: 'failed', ...more };
  // One that is there waits for its message alone.
  if (isUploaded || progress?.isActive) return { state: 'uploading', ...more };
  return { state: isPaused ? 'paused' : 'waiting', ...more };
}

/** A file that is on its way; the same object until something of it changes. */
export function pendingMedia(file: OutboxFile, progress: UploadProgress | undefined): MediaItem {
  const known = shown.get(file);
  if (known && known.progress === progress) return known.item;
  const { key, fileName, mimeType, size, width, height, durationMs, voice, peaks } = file;
  const item: MediaItem = {
    key,
    kind: kindOf(file),
    mimeType,
    size,
    fileName,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(durationMs !== undefined && { durationMs }),
    ...(voice && { voice }),
    ...(peaks && { peaks }),
    upload: uploadItem(file, progress),
  };
  shown.set(file, { progress, item });
  return item;
}

/**
 * The files of a message that the server has.
 *
 * @param localId Of a message of the user's own: its files keep the keys that they had on their way.
 */
export function sentMedia(media: readonly Media[], localId: string | undefined): MediaItem[] {
  return media.map((file, index) => ({
    ...file,
    key: localId === undefined ? file.id : keyOfFile(localId, index),
  }));
}

/** The key of a message's file. */
export function keyOfFile(localId: string, index: number): string {
  return `${localId}/${index}`;
}
