import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, Server, type Upload } from '@tus/server';
import { errors } from '@natter/protocol';
import { NatterError } from '../../../errors/natter-error.js';
import { toNatterError } from '../../../errors/translate.js';
import { addressOf, nameOf, UploadStore } from './upload-store.js';

/** As the client declares it; nothing of it is checked. */
export type UploadMetadata = Readonly<Record<string, string | null>>;

export interface WholeUpload {
  readonly id: string;
  readonly ownerId: string;
  /** Of its bytes, in a folder of its own, which goes when it was taken. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly metadata: UploadMetadata;
}

export interface ResumableUploadsOptions {
  /** Kept across restarts; nothing else is in it. */
  readonly folder: string;
  /** Under which uploads are addressed, such as `/v1/uploads`. */
  readonly path: string;
  readonly mostBytes: number;
  /** Of one owner, begun and not finished. */
  readonly mostUnfinished: number;
  /** After which an upload is given up that was begun then. */
  readonly expiryMs: number;
  /** Origins of pages that may read the answers. */
  readonly isAllowedOrigin: (origin: string) => boolean;
  /** A lower-case UUID, for an upload that begins. */
  readonly newId: () => string;
  /** Refuses an upload before it begins, by a `NatterError`. */
  readonly admit: (ownerId: string, size: number, metadata: UploadMetadata) => Promise<void>;
  /**
   * Takes an upload that has come as a whole. It is called again where the process ended before its success was
   * recorded, and then must see that it is done. A `NatterError` that is not retryable is the end of the upload; after
   * any other failure the client tries again.
   */
  readonly take: (upload: WholeUpload) => Promise<void>;
  /** Told of failures that a client hears of without their cause. */
  readonly failed: (error: unknown) => void;
}

/** Uploads by tus 1.0, which go on where they were after any interruption, on either side. */
export class ResumableUploads {
  private readonly store: UploadStore;
  private readonly server: Server;
  private readonly owner = new AsyncLocalStorage<string>();
  private readonly taking = new Map<string, Promise<void>>();

  constructor(private readonly options: ResumableUploadsOptions) {
    this.store = new UploadStore(options.folder, options.expiryMs);
    this.server = new Server({
      path: options.path,
      datastore: this.store,
      maxSize: options.mostBytes,
      relativeLocation: true,
      disableTerminationForFinishedUploads: true,
      allowedOrigins: options.isAllowedOrigin,
      allowedHeaders: ['authorization'],
      namingFunction: () => nameOf({ ownerId: this.ownerId(), id: options.newId() }),
      generateUrl: (_, { path, id }) => `${path}/${addressOf(id)?.id ?? ''}`,
      getFileIdFromRequest: (_, id = '') => this.nameFor(id),
      onUploadCreate: (_, upload) => this.admit(upload),
      // A client that did not hear of the end asks how much there is.
      onIncomingRequest: (_, name) => this.takeIfWhole(name),
      onUploadFinish: (_, { id }) => this.takeIfWhole(id).then(() => ({})),
      onResponseError: (_, error) => this.answerTo(error),
    });
  }

  /** Answers one request of tus, whose sender is known. Headers that are set on the answer already are kept. */
  handle(ownerId: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.owner.run(ownerId, async () => {
      await this.server.handle(request, response);
    });
  }

  /** Removes what began too long ago; resolves with how many uploads there were. */
  removeExpired(): Promise<number> {
    return this.store.deleteExpired();
  }

  private ownerId(): string {
    const ownerId = this.owner.getStore();
    if (ownerId === undefined) throw new Error('an upload has an owner');
    return ownerId;
  }

  private nameFor(id: string): string | undefined {
    const name = nameOf({ ownerId: this.ownerId(), id });
    return addressOf(name) && name;
  }

  private async admit({ size = 0, metadata = {} }: Upload): Promise<Record<string, never>> {
    const ownerId = this.ownerId();
    if ((await this.store.unfinishedOf(ownerId)) >= this.options.mostUnfinished) {
      throw new NatterError('RATE_LIMITED', 'Finish or delete your other uploads first');
    }
    await this.options.admit(ownerId, size, metadata);
    return {};
  }

  /** Requests that come together wait for one. */
  private async takeIfWhole(name: string): Promise<void> {
    const underWay = this.taking.get(name) ?? this.takeOnce(name);
    this.taking.set(name, underWay);
    try {
      await underWay;
    } finally {
      if (this.taking.get(name) === underWay) this.taking.delete(name);
    }
  }

  private async takeOnce(name: string): Promise<void> {
    const [address, whole] = [addressOf(name), await this.store.wholeFile(name)];
    if (!address || !whole) return;
    const { path, record } = whole;
    try {
      await this.options.take({ ...address, path, size: record.size, metadata: record.metadata });
    } catch (error) {
      if (error instanceof NatterError && !error.retryable) await this.store.remove(name);
      throw error;
    }
    await this.store.finish(name);
  }

  /** tus's own failures keep their statuses; ours have those of the protocol. */
  private answerTo(error: Error | { status_code: number; body: string }) {
    if (isTusError(error)) return undefined;
    const { code, message, cause } = toNatterError(error);
    if (cause !== undefined) this.options.failed(error);
    return { status_code: errors[code].status, body: `${code}: ${message}\n` };
  }
}

const tusErrors: readonly unknown[] = Object.values(ERRORS);

function isTusError(error: unknown): boolean {
  return tusErrors.includes(error);
}
