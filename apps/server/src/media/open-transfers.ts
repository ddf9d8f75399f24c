import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';

/**
 * Files that are on their way to or from clients. A node that stops waits for none of them: they may take hours, and go
 * on at another node, or at the same one when it is back.
 */
@Injectable()
export class OpenTransfers implements BeforeApplicationShutdown {
  private readonly open = new Set<IncomingMessage | ServerResponse>();
  private readonly uploads = new Set<Promise<unknown>>();

  /** Cut when the node stops. */
  add(transfer: IncomingMessage | ServerResponse): void {
    this.open.add(transfer);
    transfer.once('close', () => this.open.delete(transfer));
  }

  /** The same; the node stops when what is left of the upload is gone. */
  async receive<T>(request: IncomingMessage, upload: Promise<T>): Promise<T> {
    this.add(request);
    const settled = upload.catch(() => undefined);
    this.uploads.add(settled);
    try {
      return await upload;
    } finally {
      this.uploads.delete(settled);
      this.open.delete(request);
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    for (const transfer of this.open) transfer.destroy();
    await Promise.all(this.uploads);
  }
}
