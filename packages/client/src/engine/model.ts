import type { ChatId, ErrorCode } from '@natter/protocol';
import type { ClientState } from '../core/index.js';
import type { Outbox } from '../outbox/outbox.js';
import type { ErrorInfo } from '../errors.js';
import type { Range } from '../timeline/ranges.js';

/** How the client stands to its server. Banners, hooks and tests need nothing else. */
export type ConnectionState =
  /** Not connected: `connect` was not called, or the next attempt is at `retryAt` (milliseconds since 1970). */
  | { readonly status: 'offline'; readonly retryAt?: number }
  | { readonly status: 'connecting' }
  /** Connected; what happened meanwhile is being read. */
  | { readonly status: 'syncing' }
  /** Connected and up to date. */
  | { readonly status: 'live' }
  /** There is no valid login: log in, then `connect`. `code` tells why it ended, where the server said so. */
  | { readonly status: 'authRequired'; readonly code?: ErrorCode }
  /** The server does not speak this version any more: the application has to be updated. */
  | { readonly status: 'incompatible' };

/** How far the upload of a file has come; of this run of the client alone, and so never stored. */
export interface UploadProgress {
  readonly isActive: boolean;
  readonly sentBytes: number;
  /** Why the last attempt did not get through. */
  readonly error?: ErrorInfo | undefined;
}

/** Everything that the client knows, immutable: what a change does not concern is the same object afterwards. */
export interface Model {
  readonly connection: ConnectionState;
  /** `undefined` until it is known who is logged in. */
  readonly state: ClientState | undefined;
  /** Of `sync`; `undefined` until the first snapshot was read. */
  readonly cursor: string | undefined;
  readonly outbox: Outbox;
  /** By the keys of files in the outbox. Apart from it, so that progress changes nothing else. */
  readonly uploads: ReadonlyMap<string, UploadProgress>;
  /** What is loaded of each chat below its newest part, ascending and apart. */
  readonly islands: ReadonlyMap<ChatId, readonly Range[]>;
}

export const initialModel: Model = {
  connection: { status: 'offline' },
  state: undefined,
  cursor: undefined,
  outbox: [],
  uploads: new Map(),
  islands: new Map(),
};
