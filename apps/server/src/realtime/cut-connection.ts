import { type EventEmitter, once } from 'node:events';
import type { NatterSocket } from './natter-socket.js';

type Connection = NatterSocket['conn'];

/** The WebSocket below a connection, which Engine.IO does not show. */
interface WebSocket extends EventEmitter {
  terminate(): void;
}

function isWebSocket(value: unknown): value is WebSocket {
  return (
    typeof value === 'object' &&
    value !== null &&
    'terminate' in value &&
    typeof value.terminate === 'function'
  );
}

function webSocketOf({ transport }: Connection): WebSocket | undefined {
  return 'socket' in transport && isWebSocket(transport.socket) ? transport.socket : undefined;
}

/**
 * Closes a connection behind what was written to it, and resolves when its client has closed it, too: one that does not
 * read never does.
 */
export async function closeConnection(connection: Connection): Promise<void> {
  const ended = once(webSocketOf(connection) ?? connection, 'close');
  connection.close();
  await ended;
}

/**
 * Ends a connection at once, with whatever waits for it. An orderly end would wait for a client that does not read:
 * Engine.IO for its buffer, and the WebSocket for the answer to its closing frame.
 */
export function cutConnection(connection: Connection): void {
  const webSocket = webSocketOf(connection);
  connection.close(true);
  webSocket?.terminate();
}
