import type { NatterSocket } from './natter-socket.js';

type Connection = NatterSocket['conn'];

/** What is private in Engine.IO: it gives the transport all packets that wait, where the transport is ready for them. */
interface Flushing {
  flush(): void;
}

function isFlushing(connection: unknown): connection is Flushing {
  return (
    typeof connection === 'object' &&
    connection !== null &&
    'flush' in connection &&
    typeof connection.flush === 'function'
  );
}

/**
 * Lets what is written to a connection within one turn of the event loop leave in one piece: a batch of messages brings
 * it answers, messages and marks, and each write to the kernel costs more than all that was done for what is in it.
 * Nothing waits longer than until the turn is over.
 */
export class GatheredWrites {
  private waiting = new Map<Connection, () => void>();

  /** Of a connection from its first packet to its end. */
  gather(connection: Connection): void {
    const inner: unknown = connection;
    if (!isFlushing(inner)) throw new Error('Unable to gather writes; Engine.IO has changed');
    const flush = inner.flush.bind(inner);
    inner.flush = () => {
      if (this.waiting.size === 0) setImmediate(() => this.release());
      this.waiting.set(connection, flush);
    };
  }

  private release(): void {
    const { waiting } = this;
    this.waiting = new Map();
    for (const [{ request }, flush] of waiting) {
      // Each packet is a write of its own to the socket, which puts together those that come while it is corked.
      request.socket.cork();
      flush();
      request.socket.uncork();
    }
  }
}
