import { type CommandAnswer, PROTOCOL_VERSION } from '@natter/protocol';
import { io, type Socket } from 'socket.io-client';
import { ChatError, unreachable } from '../errors.js';
import {
  ANSWER_TIMEOUT_MS,
  type Connect,
  type Connection,
  HANDSHAKE_TIMEOUT_MS,
  handshakeFailure,
} from './connection.js';
import { toServerEvent } from './server-events.js';

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
      if (!answer.ok) throw new ChatError(answer.error);
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

/**
 * A connection by `socket.io-client`, for where there is no WebSocket: in Node 20, and behind proxies that let none through.
 * Its own reconnection, buffering and retries stay off: they know nothing of ours.
 */
export const connectBySocketIo: Connect = (url, token, { event, lost }) => {
  const socket = io(url, {
    auth: { token, protocolVersion: PROTOCOL_VERSION },
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    timeout: HANDSHAKE_TIMEOUT_MS,
    transports: typeof WebSocket === 'undefined' ? ['websocket', 'polling'] : ['polling'],
    tryAllTransports: true,
    upgrade: false,
  });
  // Before it connects: the server sends from the moment of the handshake.
  socket.onAny((name: string, payload: unknown) => {
    const received = toServerEvent({ event: name, payload });
    if (received) event(received);
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error & { data?: unknown }): void => {
      clearTimeout(timer);
      socket.off();
      socket.offAny();
      socket.disconnect();
      reject(handshakeFailure(error.message, error.data, error));
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
