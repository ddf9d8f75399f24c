import type { Clock } from '../clock.js';
import type { ErrorInfo } from '../errors.js';
import type { OutboxItem } from '../outbox/outbox-item.js';
import type { Hub } from './hub.js';
import type { Tokens } from './tokens.js';

/** What uploads of files need of the engine. */
export interface UploadContext {
  readonly hub: Hub;
  /** Of the server, without a slash at the end. */
  readonly url: string;
  readonly tokens: Pick<Tokens, 'get' | 'refuse'>;
  readonly clock: Clock;
  /** The bytes of a file, by its key; `undefined` where they are gone. */
  readonly read: (key: string) => Promise<Blob | undefined>;
  /** A file is on the server: what waited for it may go on. */
  readonly uploaded: () => void;
  /** Refused for good; the item stays in the outbox, for the user to decide. */
  readonly failed: (item: OutboxItem, error: ErrorInfo) => void;
  /** Refused for good; the item is not in the outbox any more. */
  readonly dropped: (item: OutboxItem, error: ErrorInfo) => void;
  /** The login is not valid any more. */
  readonly unauthenticated: () => void;
}

/** Brings the files of the outbox to the server while it is started. */
export interface FileUploader {
  start(): void;
  stop(): void;
}

/** A way for files, made by `@natter/client/uploads`: what never sends any does without its code. */
export interface Uploads {
  createUploader(context: UploadContext): FileUploader;
}
