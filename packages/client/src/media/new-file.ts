import type { OrderedFile } from '../outbox/outbox-file.js';
import { keyOfFile } from '../views/media-item.js';

/** A file that is to be sent. What the server can find out by itself need not be said. */
export interface NewFile {
  /** Its bytes; a `File` brings its name. They are read when they are sent, and never held as a whole. */
  readonly content: Blob;
  readonly fileName?: string;
  /** Where the blob does not say it, or says it wrongly. */
  readonly mimeType?: string;
  /** It is a voice message. */
  readonly voice?: true;
  readonly durationMs?: number;
  /** How loud it is from its beginning to its end, as the protocol's `Media`. */
  readonly peaks?: readonly number[];
  /** In pixels: so that it has its place before the server has looked at it. */
  readonly width?: number;
  readonly height?: number;
  /** Encrypted, so that its readers alone know what it is. The files of an encrypted message are so by themselves. */
  readonly opaque?: true;
}

function nameOf(content: Blob): string {
  return 'name' in content && typeof content.name === 'string' ? content.name : '';
}

/** Files as they are put into the outbox, with the item of an id. */
export function orderedFiles(
  id: string,
  files: readonly (Blob | NewFile)[],
  areOpaque?: true,
): OrderedFile[] {
  return files.map((given, index) => {
    const file: NewFile = given instanceof Blob ? { content: given } : given;
    const { content, fileName = nameOf(content), mimeType = content.type, ...facts } = file;
    const { voice, durationMs, peaks, width, height, opaque = areOpaque } = facts;
    return {
      content,
      file: {
        key: keyOfFile(id, index),
        fileName,
        mimeType,
        size: content.size,
        voice,
        durationMs,
        peaks,
        width,
        height,
        opaque,
      },
    };
  });
}
