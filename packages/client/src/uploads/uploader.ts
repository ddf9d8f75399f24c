import type { MediaId } from '@natter/protocol';
import { type Backoff, backoffMs } from '../clock.js';
import { type ChatError, type ErrorInfo, invalid, toChatError, unreachable } from '../errors.js';
import type { Hub } from '../engine/hub.js';
import type { UploadProgress } from '../engine/model.js';
import type { UploadContext } from '../engine/uploads.js';
import { type FilePlace, filesIn, filesToUpload, findFile, withFile } from '../outbox/files.js';
import type { OutboxFile } from '../outbox/outbox-file.js';
import { onRefusal, type OutboxItem } from '../outbox/outbox-item.js';
import { discard, fail, type Outbox } from '../outbox/outbox.js';
import type { FileTransfer } from './file-transfer.js';

const BACKOFF: Backoff = { firstMs: 500, longestMs: 30_000 };
/** How many files are on their way at once. */
const MOST_AT_ONCE = 3;
/** Progress is shown so often at most, and at its end. */
const PROGRESS_MS = 250;
/** An attempt of which nothing is heard for so long is begun anew, at the byte where the server is. */
const STALL_MS = 120_000;

/** One attempt to upload a file. */
interface Attempt {
  readonly controller: AbortController;
  token: string | undefined;
  /** `undefined` until it is known how much the server has. */
  sentBytes: number | undefined;
  /** Rejects by `stall`, where nothing was heard of it for long. */
  readonly stalled: Promise<never>;
  readonly stall: () => void;
  /** Ends the wait for when progress is shown next. */
  cancelShow: (() => void) | undefined;
  cancelStall: () => void;
}

/** Uploads the files of the outbox in its order, some at once, each until the server has it or has refused it. */
export class Uploader {
  private readonly running = new Map<string, Attempt>();
  /** Files that wait for their time, and what ends that. */
  private readonly resting = new Map<string, () => void>();
  /** How often in a row nothing of a file got through. */
  private readonly failures = new Map<string, number>();
  /** What the server had of each file when its last attempt began. */
  private readonly reached = new Map<string, number>();
  /** Uploads that have begun, by the keys of their files. */
  private begun = new Map<string, MediaId>();
  private unsubscribe: (() => void) | undefined;
  private outbox: Outbox | undefined;

  private readonly hub: Hub;

  constructor(
    private readonly transfer: FileTransfer,
    private readonly context: UploadContext,
  ) {
    this.hub = context.hub;
  }

  start(): void {
    this.unsubscribe ??= this.hub.subscribe(() => this.look());
    this.look();
  }

  /** Nothing is uploaded until `start`, which goes on at the byte. */
  stop(): void {
    this.unsubscribe?.();
    this.unsubscribe = undefined;
    this.outbox = undefined;
    this.begun.clear();
    for (const cancel of this.resting.values()) cancel();
    this.resting.clear();
    for (const { controller } of this.running.values()) controller.abort();
  }

  private look(): void {
    const { outbox } = this.hub.getSnapshot();
    if (outbox === this.outbox) return;
    this.outbox = outbox;
    this.forgetGone(outbox);
    this.pump();
  }

  /** What was given up is of no use on the server either, and would count among the uploads of the user. */
  private forgetGone(outbox: Outbox): void {
    const files = filesIn(outbox).map(({ file }) => file);
    const keys = new Set(files.map(({ key }) => key));
    const { url, tokens } = this.context;
    for (const [key, id] of this.begun) {
      if (keys.has(key)) continue;
      const request = { url, id, token: () => tokens.get() };
      // It expires by itself where this fails.
      void this.transfer.discard(request).catch(() => undefined);
    }
    this.begun = new Map(
      files.flatMap(({ key, mediaId, isUploaded }) =>
        mediaId !== undefined && !isUploaded ? [[key, mediaId] as const] : [],
      ),
    );
    const { uploads: shown } = this.hub.getSnapshot();
    if ([...shown.keys()].every((key) => keys.has(key))) return;
    const left = new Map([...shown].filter(([key]) => keys.has(key)));
    this.hub.update((model) => ({ ...model, uploads: left }));
  }

  private pump(): void {
    if (!this.unsubscribe) return;
    const wanted = filesToUpload(this.hub.getSnapshot().outbox);
    const keys = new Set(wanted.map(({ file }) => file.key));
    for (const [key, { controller }] of this.running) if (!keys.has(key)) controller.abort();
    for (const place of wanted) {
      const { key } = place.file;
      if (this.running.size >= MOST_AT_ONCE) return;
      if (!this.running.has(key) && !this.resting.has(key)) this.begin(place);
    }
  }

  private begin(place: FilePlace): void {
    const { key } = place.file;
    let stall = (): void => undefined;
    const stalled = new Promise<never>((_, reject) => {
      stall = () => reject(unreachable());
    });
    const attempt: Attempt = {
      controller: new AbortController(),
      token: undefined,
      sentBytes: undefined,
      stalled,
      stall,
      cancelShow: undefined,
      cancelStall: () => undefined,
    };
    this.running.set(key, attempt);
    void this.carryOut(place, attempt).finally(() => {
      attempt.cancelStall();
      attempt.cancelShow?.();
      this.running.delete(key);
      const { sentBytes } = attempt;
      this.show(key, { isActive: false, ...(sentBytes !== undefined && { sentBytes }) });
      this.pump();
    });
  }

  private async carryOut({ item, file }: FilePlace, attempt: Attempt): Promise<void> {
    const { signal } = attempt.controller;
    try {
      this.show(file.key, { isActive: true, error: undefined });
      await this.send(file, attempt);
      if (signal.aborted) return;
      this.failures.delete(file.key);
      this.reached.delete(file.key);
      attempt.sentBytes = file.size;
      this.change(file.key, (now) => ({ ...now, isUploaded: true }));
      this.context.uploaded();
    } catch (thrown) {
      if (!signal.aborted) this.judge(item, file, attempt, toChatError(thrown));
    }
  }

  private async send(file: OutboxFile, attempt: Attempt): Promise<void> {
    const { url, tokens, read } = this.context;
    const { signal } = attempt.controller;
    const content = await read(file.key).catch(() => undefined);
    if (!content) throw invalid('The bytes of the file are not on this device any more');
    this.watch(attempt);
    const sending = this.transfer.send({
      url,
      content,
      id: file.mediaId,
      metadata: metadataOf(file),
      token: async () => {
        attempt.token = await tokens.get();
        return attempt.token;
      },
      begun: (mediaId) => this.change(file.key, (now) => ({ ...now, mediaId })),
      progress: (sentBytes) => this.hear(file, attempt, sentBytes),
      signal,
    });
    const ended = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(unreachable()), { once: true });
    });
    await Promise.race([sending, attempt.stalled, ended]);
  }

  private hear({ key, size }: OutboxFile, attempt: Attempt, sentBytes: number): void {
    if (attempt.controller.signal.aborted) return;
    if (attempt.sentBytes === undefined) this.resumed(key, sentBytes);
    attempt.sentBytes = sentBytes;
    this.watch(attempt);
    if (sentBytes === size) this.showSent(key, attempt);
    attempt.cancelShow ??= this.context.clock.after(PROGRESS_MS, () => this.showSent(key, attempt));
  }

  /** The server has more than at the last attempt: that one was of use. */
  private resumed(key: string, bytes: number): void {
    if (bytes > (this.reached.get(key) ?? 0)) this.failures.delete(key);
    this.reached.set(key, bytes);
  }

  private showSent(key: string, attempt: Attempt): void {
    attempt.cancelShow?.();
    attempt.cancelShow = undefined;
    this.show(key, { sentBytes: attempt.sentBytes ?? 0 });
  }

  /** Begins to wait anew for a sign of life. */
  private watch(attempt: Attempt): void {
    attempt.cancelStall();
    attempt.cancelStall = this.context.clock.after(STALL_MS, attempt.stall);
  }

  private judge(item: OutboxItem, file: OutboxFile, attempt: Attempt, error: ChatError): void {
    // What is still on its way of it must not come after what follows.
    attempt.controller.abort();
    const { key } = file;
    const info = error.toInfo();
    if (error.code === 'UNAUTHENTICATED' || error.code === 'DEVICE_REVOKED') {
      if (attempt.token !== undefined) this.context.tokens.refuse(attempt.token);
      if (this.rest(key, info) > 1 || attempt.token === undefined) this.context.unauthenticated();
    } else if (
      error.code === 'NOT_FOUND' &&
      findFile(this.hub.getSnapshot().outbox, key)?.file.mediaId
    ) {
      // It has expired on the server.
      attempt.sentBytes = 0;
      this.change(key, (now) => ({ ...now, mediaId: undefined }));
    } else if (error.retryable) {
      this.rest(key, info);
    } else {
      this.refuse(item, key, info);
    }
  }

  /** Tries again later. @returns how often in a row it failed. */
  private rest(key: string, error: ErrorInfo): number {
    const failures = (this.failures.get(key) ?? 0) + 1;
    this.failures.set(key, failures);
    this.show(key, { error });
    if (!this.unsubscribe) return failures;
    const delayMs = error.retryAfterMs ?? backoffMs(BACKOFF, failures - 1);
    const cancel = this.context.clock.after(delayMs, () => {
      this.resting.delete(key);
      this.pump();
    });
    this.resting.set(key, cancel);
    return failures;
  }

  private refuse({ id }: OutboxItem, key: string, error: ErrorInfo): void {
    const item = this.hub.getSnapshot().outbox.find((other) => other.id === id);
    if (!item) return;
    if (onRefusal(item) === 'dropped') {
      this.hub.updateOutbox((outbox) => discard(outbox, id));
      this.context.dropped(item, error);
      return;
    }
    this.hub.updateOutbox((outbox) =>
      fail(
        withFile(outbox, key, (file) => ({ ...file, error })),
        id,
        error,
      ),
    );
    this.context.failed(item, error);
  }

  private change(key: string, change: (file: OutboxFile) => OutboxFile): void {
    this.hub.updateOutbox((outbox) => withFile(outbox, key, change));
  }

  private show(key: string, change: Partial<UploadProgress>): void {
    this.hub.update((model) => {
      if (!findFile(model.outbox, key)) return model;
      const before = model.uploads.get(key) ?? { isActive: false, sentBytes: 0 };
      return { ...model, uploads: new Map(model.uploads).set(key, { ...before, ...change }) };
    });
  }
}

/** What the server is told of a file: texts, as tus has them. */
function metadataOf(file: OutboxFile): Record<string, string> {
  const { fileName, mimeType, voice, durationMs, peaks, opaque } = file;
  return {
    ...(fileName !== '' && { filename: fileName }),
    ...(mimeType !== '' && { filetype: mimeType }),
    ...(voice && { voice: 'true' }),
    ...(durationMs !== undefined && { durationMs: String(Math.round(durationMs)) }),
    ...(peaks && peaks.length > 0 && { peaks: JSON.stringify(peaks) }),
    ...(opaque && { opaque: 'true' }),
  };
}
