import { toChatError } from '../errors.js';
import type { Connect } from './connection.js';
import { connectByWebSocket } from './web-socket.js';

/** So often a WebSocket may fail to open before another transport is tried. */
const PATIENCE = 2;

function hasWebSocket(): boolean {
  return typeof WebSocket !== 'undefined';
}

/**
 * Connects by WebSocket; where there is none, or none gets through, by `socket.io-client`, which is loaded only then.
 */
export function createConnect(): Connect {
  let failures = hasWebSocket() ? 0 : PATIENCE;
  return async (url, token, events) => {
    if (failures < PATIENCE) {
      try {
        const connection = await connectByWebSocket(url, token, events);
        failures = 0;
        return connection;
      } catch (thrown) {
        const error = toChatError(thrown);
        failures = error.code === 'UNAVAILABLE' ? failures + 1 : 0;
        throw error;
      }
    }
    if (hasWebSocket()) failures = 0;
    const { connectBySocketIo } = await import('./socket-io.js');
    const connection = await connectBySocketIo(url, token, events);
    failures = PATIENCE;
    return connection;
  };
}
