import type { ClusterHome } from './cluster-home.js';
import { openLoopback } from './endpoint-loopback.js';
import { openSocket } from './endpoint-socket.js';
import type { Endpoint } from './endpoint.js';
import type { Transport } from './machine.js';

/** Must be called with the cluster's lock held: it takes over the socket folder of a killed server. */
export async function openEndpoint(transport: Transport, home: ClusterHome): Promise<Endpoint> {
  return transport === 'socket' ? openSocket(home) : openLoopback(home);
}
