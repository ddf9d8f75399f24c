import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';

type Transfer = IncomingMessage | ServerResponse;

/**
 * Files that are on their way to or from clients. Those of which nothing moves any more are cut, and so are all when the
 * node stops: they may take hours, and go on at another node, or at the same one when it is back.
 */
@Injectable()
export class OpenTransfers implements BeforeApplicationShutdown {
  private readonly open = new Set<Transfer>();
  private readonly uploads = new Set<Promise<unknown>>();

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'idleTransferMs'>) {}

  add(transfer: Transfer): void {
    if (transfer.destroyed) return;
    this.open.add(transfer);
    const timer = cutWhereIdle(transfer, this.config.idleTransferMs);
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
