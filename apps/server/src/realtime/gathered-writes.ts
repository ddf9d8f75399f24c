import type { NatterSocket } from './natter-socket.js';

type Connection = NatterSocket['conn'];
type Transport = Connection['transport'];

interface Held {
  readonly connection: Connection;
  readonly transport: Transport;
}

/**
 * Lets what is written to a WebSocket within one turn of the event loop leave in one piece: a batch of messages brings a
 * connection answers, messages and marks, and each write to the kernel costs more than all that was done for what is in
 * it. Nothing waits longer than until the turn is over.
 */
export class GatheredWrites {
  private held: Held[] = [];

  /** Of a connection from its first packet to its end. */
  gather(connection: Connection): void {
    connection.on('packetCreate', () => this.hold(connection));
  }

  /** Engine.IO keeps packets for a transport that says that it is busy. */
  private hold(connection: Connection): void {
    const { transport } = connection;
    if (transport.name !== 'websocket' || !transport.writable) return;
    transport.writable = false;
    if (this.held.length === 0) setImmediate(() => this.release());
    this.held.push({ connection, transport });
  }

  private release(): void {
    const { held } = this;
    this.held = [];
    for (const { connection, transport } of held) {
      // Each packet is a write of its own to the socket, which puts together those that come while it is corked.
      const { socket } = connection.request;
      socket.cork();
      transport.writable = true;
      transport.emit('ready');
      socket.uncork();
    }
  }
}
