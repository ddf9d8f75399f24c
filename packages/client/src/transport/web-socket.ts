import { type CommandAnswer, PROTOCOL_VERSION } from '@natter/protocol';
import { ChatError, unreachable } from '../errors.js';
import {
  ANSWER_TIMEOUT_MS,
  type Connect,
  type Connection,
  type ConnectionEvents,
  HANDSHAKE_TIMEOUT_MS,
  handshakeFailure,
} from './connection.js';
import { toServerEvent } from './server-events.js';

/** What is not answered by typing and the like is left out while so much waits to be sent. */
const BUSY_BYTES = 64 * 1024;

/** Packets of Engine.IO 4 and, after `4`, of Socket.IO 5, in the default namespace and without binary. */
const packet = {
  open: '0',
  ping: '2',
  pong: '3',
  connect: '40',
  disconnect: '41',
  event: '42',
  answer: '43',
  refused: '44',
} as const;

type Reject = (error: Error) => void;

interface Pending {
  resolve(answer: unknown): void;
  readonly reject: Reject;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * A connection that speaks Socket.IO's protocol over the platform's WebSocket. It has no more to do than this: nothing is
 * buffered, sent again or reconnected here, so the library for it, which is a third of what a browser would have to load,
 * comes only where there is no WebSocket (`socket-io.ts`).
 */
class WebSocketConnection implements Connection {
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private silenceMs = HANDSHAKE_TIMEOUT_MS;
  private isOver = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly token: string,
    private readonly events: ConnectionEvents,
    private readonly connected: () => void,
    private readonly refused: Reject,
  ) {
    socket.addEventListener('message', ({ data }) => this.receive(String(data)));
    socket.addEventListener('close', () => this.end(unreachable()));
    socket.addEventListener('error', () => this.end(unreachable()));
    this.watch();
  }

  // Functions of their own, so that a connection can be spread into one that adds to it.
  readonly command: Connection['command'] = async (name, input) => {
    if (this.isOver) throw unreachable();
    this.lastId += 1;
    const id = this.lastId;
    const answer = await new Promise<CommandAnswer<typeof name>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(unreachable());
      }, ANSWER_TIMEOUT_MS);
      this.pending.set(id, { resolve, reject, timer });
      this.socket.send(`${packet.event}${id}${JSON.stringify([name, input])}`);
    });
    if (!answer.ok) throw new ChatError(answer.error);
    return answer.data;
  };

  readonly tell: Connection['tell'] = (name, input) => {
    if (this.isOver || this.socket.bufferedAmount > BUSY_BYTES) return;
    this.socket.send(packet.event + JSON.stringify([name, input]));
  };

  readonly close = (): void => {
    if (!this.isOver && this.socket.readyState === WebSocket.OPEN) {
      this.socket.send(packet.disconnect);
    }
    this.finish(unreachable());
  };

  private receive(text: string): void {
    if (this.isOver) return;
    this.watch();
    try {
      this.read(text);
    } catch (error) {
      // What is none of this protocol is no server of ours.
      this.end(unreachable(error));
    }
  }

  private read(text: string): void {
    const type = text.startsWith('4') ? text.slice(0, 2) : text.slice(0, 1);
    const body = text.slice(type.length);
    switch (type) {
      case packet.open: {
        const { pingInterval, pingTimeout } = JSON.parse(body);
        if (typeof pingInterval === 'number' && typeof pingTimeout === 'number') {
          this.silenceMs = pingInterval + pingTimeout;
        }
        const auth = { token: this.token, protocolVersion: PROTOCOL_VERSION };
        return this.socket.send(packet.connect + JSON.stringify(auth));
      }
      case packet.ping:
        return this.socket.send(packet.pong);
      case packet.connect:
        return this.connected();
      case packet.refused: {
        const { message, data } = JSON.parse(body);
        return this.end(handshakeFailure(String(message), data));
      }
      case packet.disconnect:
        return this.end(unreachable());
      case packet.event: {
        const [event, payload] = JSON.parse(body);
        const received = toServerEvent({ event: String(event), payload });
        if (received) this.events.event(received);
        return;
      }
      case packet.answer:
        return this.answer(body);
      default:
    }
  }

  private answer(body: string): void {
    const start = body.indexOf('[');
    const id = Number(body.slice(0, start));
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    clearTimeout(pending.timer);
    const [answer] = JSON.parse(body.slice(start));
    pending.resolve(answer);
  }

  /** The server pings; one that is silent is gone, whatever the network says. */
  private watch(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.end(unreachable()), this.silenceMs);
  }

  private end(error: Error): void {
    if (this.isOver) return;
    this.finish(error);
    this.refused(error);
    this.events.lost();
  }

  private finish(error: Error): void {
    this.isOver = true;
    clearTimeout(this.silence);
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.pending.clear();
    this.socket.close();
  }
}

export const connectByWebSocket: Connect = (url, token, events) =>
  new Promise((resolve, reject) => {
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address);
    const connection: WebSocketConnection = new WebSocketConnection(
      socket,
      token,
      events,
      () => resolve(connection),
      reject,
    );
  });
