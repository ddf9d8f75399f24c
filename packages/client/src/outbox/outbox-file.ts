import type { MediaId, MediaKind } from '@natter/protocol';
import type { ErrorInfo } from '../errors.js';

/** What is told of a file beside its bytes. */
export interface FileFacts {
  readonly fileName: string;
  /** As the platform says; the server looks at the bytes. Empty where it is not known. */
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  /** In pixels; for this device alone, until the server has looked at the picture. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly voice?: true | undefined;
  readonly peaks?: readonly number[] | undefined;
  /** Only its readers can decrypt it: the server does not look into it. */
  readonly opaque?: true | undefined;
}

/** A file of an item in the outbox. Its bytes are in the store, under its key. Plain data, to be stored as it is. */
export interface OutboxFile extends FileFacts {
  readonly key: string;
  /** Its upload has begun on the server, and it will be media under this id. */
  readonly mediaId?: MediaId | undefined;
  readonly isUploaded?: true | undefined;
  readonly isPaused?: true | undefined;
  /** Why the server refused it for good. */
  readonly error?: ErrorInfo | undefined;
}

/** A file as it is ordered, with its bytes. */
export interface OrderedFile {
  readonly file: OutboxFile;
  readonly content: Blob;
}

/** What the file is shown as until the server has judged it. */
export function kindOf({ mimeType, voice }: FileFacts): MediaKind {
  if (voice) return 'audio';
  if (mimeType.startsWith('image/svg')) return 'file';
  const [type] = mimeType.split('/');
  return type === 'image' || type === 'video' || type === 'audio' ? type : 'file';
}

/** A file that was refused, from its beginning; another one as it is. */
export function anew(file: OutboxFile): OutboxFile {
  return file.error ? { ...file, mediaId: undefined, error: undefined } : file;
}
