import { PROTOCOL_VERSION } from '@natter/protocol';
import { WebSocket } from 'ws';
import { connectFrame, kindOf, PONG } from './frames.js';

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
  private closing = false;

  private constructor(
    private readonly transport: WebSocket,
    private readonly listener: SocketListener,
  ) {}

  /** @throws where the server refuses, or does not answer within 20 s. */
  static async connect(url: string, token: string, listener: SocketListener): Promise<ChatSocket> {
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const transport = new WebSocket(address, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    });
    const socket = new ChatSocket(transport, listener);
    try {
      await socket.handshake(token);
    } catch (error) {
      transport.terminate();
      throw error;
    }
    return socket;
  }

  send(frame: string): void {
    this.transport.send(frame);
  }

  /** Ends the connection at once, as a network does that is gone. */
  cut(): void {
    this.closing = true;
    this.transport.terminate();
  }

  /** Resolves when the connection is closed. */
  async close(): Promise<void> {
    this.closing = true;
    if (this.transport.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      this.transport.once('close', () => resolve());
      this.transport.close();
    });
  }

  private async handshake(token: string): Promise<void> {
    const connected = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => connected.reject(new Error('Unable to connect; the server does not answer')),
      CONNECT_TIMEOUT_MS,
    );
    this.transport.on('error', (error) => connected.reject(error));
    this.transport.on('close', (code) => {
      connected.reject(new Error(`Unable to connect; the server closed the connection (${code})`));
      if (!this.closing) this.listener.lost(`closed with code ${code}`);
    });
    this.transport.on('message', (frame) => {
      if (Buffer.isBuffer(frame)) this.receive(frame, token, connected);
    });
    await connected.promise.finally(() => clearTimeout(timer));
  }

  private receive(frame: Buffer, token: string, connected: PromiseWithResolvers<void>): void {
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
        this.transport.send(connectFrame({ token, protocolVersion: PROTOCOL_VERSION }));
        break;
      case 'connected':
        connected.resolve();
        break;
      case 'refused':
        connected.reject(new Error(`Unable to connect; the server refused: ${frame.toString()}`));
        break;
      case 'otherEvent':
        this.listener.otherEvent?.();
        break;
      case 'other':
        break;
    }
  }
}
