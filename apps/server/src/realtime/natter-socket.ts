import type { DefaultEventsMap, Server, Socket } from 'socket.io';
import type { Caller } from '../identity/caller.js';

interface SocketData {
  /** Set when the socket is accepted. */
  caller: Caller;
}

/**
 * Socket.IO's types with what a socket of ours carries. The events are not typed here: entries are of the protocol's
 * types before they come to be emitted, and commands are validated after they come in.
 */
export type NatterServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
export type NatterSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
