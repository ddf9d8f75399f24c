import {
  type CommandAnswer,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  type ErrorCode,
  PROTOCOL_VERSION,
} from '@natter/protocol';
import { io, type Socket } from 'socket.io-client';
import type { ServerEvent } from '../core/index.js';
import { ChatError, refusal, unreachable } from '../errors.js';
import { toServerEvent } from './server-events.js';

const CONNECT_TIMEOUT_MS = 20_000;
const HANDSHAKE_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 20_000;

/** One connection to the server, from its handshake to its end; it is never opened again. */
export interface Connection {
  /**
   * Sends a command and resolves with its answer.
   *
   * @throws {ChatError} with the server's refusal, or `UNAVAILABLE` where no answer came: whether it acted is not known.
   */
  command<K extends CommandName>(name: K, input: CommandInput<K>): Promise<CommandOutput<K>>;
  /** Sends a command whose answer is of no interest, unless the connection is busy or gone. */
  tell<K extends CommandName>(name: K, input: CommandInput<K>): void;
  close(): void;
}

export interface ConnectionEvents {
  readonly event: (event: ServerEvent) => void;
  /** It has ended, for whatever reason but `close`. */
  readonly lost: () => void;
}

/** How connections are made; `@natter/client/testing` has another one. */
export type Connect = (url: string, token: string, events: ConnectionEvents) => Promise<Connection>;

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && /^[A-Z_]+$/.test(value);
}

/** A refused handshake carries the server's code; anything else is a server that was not reached. */
function handshakeFailure(error: Error & { data?: { code?: unknown } }): ChatError {
  const code = error.data?.code;
  if (!isCode(code)) return unreachable(error);
  const retryable = code === 'INTERNAL' || code === 'UNAVAILABLE' || code === 'RATE_LIMITED';
  return new ChatError({ code, message: error.message, retryable }, { cause: error });
}

function wrap(socket: Socket): Connection {
  return {
    command: async (name, input) => {
      // Socket.IO would keep it and send it after a reconnection, when it may be too late or a repeat.
      if (!socket.connected) throw unreachable();
      let answer: CommandAnswer<typeof name>;
      try {
        answer = await socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck(name, input);
      } catch (error) {
        throw unreachable(error);
      }
      if (!answer.ok) throw refusal(answer.error);
      return answer.data;
    },
    tell: (name, input) => {
      if (socket.connected) socket.volatile.emit(name, input);
    },
    close: () => {
      socket.off();
      socket.offAny();
      socket.disconnect();
    },
  };
}

/** A connection by Socket.IO, whose own reconnection, buffering and retries stay off: they know nothing of ours. */
export const connectBySocket: Connect = (url, token, { event, lost }) => {
  const socket = io(url, {
    auth: { token, protocolVersion: PROTOCOL_VERSION },
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    timeout: CONNECT_TIMEOUT_MS,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
  });
  // Before it connects: the server sends from the moment of the handshake.
  socket.onAny((name: string, payload: unknown) => {
    const received = toServerEvent({ event: name, payload });
    if (received) event(received);
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.off();
      socket.offAny();
      socket.disconnect();
      reject(handshakeFailure(error));
    };
    // Socket.IO's own limit is on the transport alone, not on the answer to the handshake.
    const timer = setTimeout(
      () => fail(new Error('The handshake timed out')),
      HANDSHAKE_TIMEOUT_MS,
    );
    socket.once('connect_error', fail);
    socket.once('disconnect', () => fail(new Error('The connection was cut')));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off();
      socket.once('disconnect', lost);
      resolve(wrap(socket));
    });
    socket.connect();
  });
};
