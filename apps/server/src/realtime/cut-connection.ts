import type { NatterSocket } from './natter-socket.js';

function isTerminable(socket: unknown): socket is { terminate(): void } {
  return (
    typeof socket === 'object' &&
    socket !== null &&
    'terminate' in socket &&
    typeof socket.terminate === 'function'
  );
}

/**
 * Ends a connection at once, with whatever waits for it. An orderly end would wait for a client that does not read:
 * Engine.IO for its buffer, and the WebSocket below, which it does not show, for the answer to its closing frame.
 */
export function cutConnection(connection: NatterSocket['conn']): void {
  const { transport } = connection;
  connection.close(true);
  if ('socket' in transport && isTerminable(transport.socket)) transport.socket.terminate();
}
