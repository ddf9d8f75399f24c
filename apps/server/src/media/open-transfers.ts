import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';

/** A file goes on for as long as anything of it moves in such a time. */
const IDLE_MS = 120_000;

type Transfer = IncomingMessage | ServerResponse;

/**
 * Files that are on their way to or from clients. Those of which nothing moves any more are cut, and so are all when the
 * node stops: they may take hours, and go on at another node, or at the same one when it is back.
 */
@Injectable()
export class OpenTransfers implements BeforeApplicationShutdown {
  private readonly open = new Set<Transfer>();
  private readonly uploads = new Set<Promise<unknown>>();

  add(transfer: Transfer, idleMs: number = IDLE_MS): void {
    if (transfer.destroyed) return;
    this.open.add(transfer);
    const timer = cutWhereIdle(transfer, idleMs);
    transfer.once('close', () => {
      clearInterval(timer);
      this.open.delete(transfer);
    });
  }

  /** Lets a node that stops wait until what is left of a cut upload is gone. */
  async receive<T>(request: IncomingMessage, upload: Promise<T>): Promise<T> {
    this.add(request);
    const settled = upload.catch(() => undefined);
    this.uploads.add(settled);
    try {
      return await upload;
    } finally {
      this.uploads.delete(settled);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const transfer of this.open) transfer.destroy();
    await Promise.all(this.uploads);
  }
}

function cutWhereIdle(transfer: Transfer, idleMs: number): NodeJS.Timeout {
  const { socket } = transfer;
  let moved = -1;
  return setInterval(() => {
    const now = (socket?.bytesRead ?? 0) + (socket?.bytesWritten ?? 0);
    if (now === moved) transfer.destroy();
    moved = now;
  }, idleMs).unref();
}
