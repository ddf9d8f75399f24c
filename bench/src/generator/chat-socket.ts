import { PROTOCOL_VERSION } from '@natter/protocol';
import { connectFrame, kindOf, PONG } from './frames.js';
import { PlainWebSocket } from './plain-web-socket.js';

const PATH = '/socket.io/?EIO=4&transport=websocket';
const CONNECT_TIMEOUT_MS = 20_000;

/** What a connected socket tells. The frames are valid only during the call. */
export interface SocketListener {
  acknowledged(frame: Buffer): void;
  delivered(frame: Buffer): void;
  /** An event that is no message, such as a mark that moved. */
  otherEvent?(): void;
  /** The server, or the network, ended the connection. */
  lost(reason: string): void;
}

/** A Socket.IO connection over WebSocket alone, without reconnection, buffering or parsing. */
export class ChatSocket {
  private readonly transport: PlainWebSocket;
  private readonly connected = Promise.withResolvers<void>();
  private readonly closed = Promise.withResolvers<void>();
  private closing = false;

  private constructor(
    url: string,
    private readonly token: string,
    private readonly listener: SocketListener,
  ) {
    this.transport = PlainWebSocket.connect(new URL(PATH, url), {
      received: (frame) => this.receive(frame),
      closed: (reason) => {
        this.refuse(reason);
        this.closed.resolve();
        if (!this.closing) this.listener.lost(reason);
      },
    });
  }

  /** @throws where the server refuses, or does not answer within 20 s. */
  static async connect(url: string, token: string, listener: SocketListener): Promise<ChatSocket> {
    const socket = new ChatSocket(url, token, listener);
    const timer = setTimeout(() => socket.refuse('the server does not answer'), CONNECT_TIMEOUT_MS);
    await socket.connected.promise.finally(() => clearTimeout(timer));
    return socket;
  }

  send(frame: string): void {
    this.transport.send(frame);
  }

  /** Ends the connection at once, as a network does that is gone. */
  cut(): void {
    this.closing = true;
    this.transport.cut();
  }

  /** Resolves when the connection is closed. */
  async close(): Promise<void> {
    this.closing = true;
    this.transport.close();
    await this.closed.promise;
  }

  private receive(frame: Buffer): void {
    switch (kindOf(frame)) {
      case 'acknowledgement':
        this.listener.acknowledged(frame);
        break;
      case 'newMessage':
        this.listener.delivered(frame);
        break;
      case 'ping':
        this.transport.send(PONG);
        break;
      case 'opened':
        this.transport.send(connectFrame({ token: this.token, protocolVersion: PROTOCOL_VERSION }));
        break;
      case 'connected':
        this.connected.resolve();
        break;
      case 'refused':
        this.refuse(`the server refused: ${frame.toString()}`);
        break;
      case 'otherEvent':
        this.listener.otherEvent?.();
        break;
      case 'other':
        break;
    }
  }

  /** Where it is not connected yet, it will not be. */
  private refuse(reason: string): void {
    this.connected.reject(new Error(`Unable to connect; ${reason}`));
    this.transport.cut(reason);
  }
}
