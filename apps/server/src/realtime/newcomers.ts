import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import { networkOf } from '../auth/network-of.js';
import type { Config } from '../config/config.js';
import { cutConnection } from './cut-connection.js';
import type { NatterSocket } from './natter-socket.js';

type Connection = NatterSocket['conn'];

/**
 * Connections that have not said yet who they are, by the network that they come from, so that nobody fills a node with
 * such ones from one address. Each has ten seconds, and leaves the count when it is authenticated or closed.
 */
export class Newcomers {
  private readonly counts = new Map<string, number>();
  private readonly networks = new Map<Connection, string>();
  private readonly isTrusted: (address: string, hop: number) => boolean;

  constructor(private readonly config: Pick<Config, 'capacity' | 'trustedProxies'>) {
    this.isTrusted = proxyAddress.compile([...config.trustedProxies]);
  }

  /** Whether one more may come from where the request does. */
  hasRoom(request: IncomingMessage): boolean {
    const count = this.counts.get(this.networkOf(request)) ?? 0;
    return count < this.config.capacity.addressHandshakes;
  }

  /** Counts a connection from here on, until it is closed. */
  add(connection: Connection): void {
    const network = this.networkOf(connection.request);
    this.networks.set(connection, network);
    this.counts.set(network, (this.counts.get(network) ?? 0) + 1);
    connection.on('close', () => {
      if (!this.networks.has(connection)) return;
      this.remove(connection);
      // An orderly end would wait half a minute more for one who never answers.
      cutConnection(connection);
    });
  }

  /** It is one of ours, or gone. */
  remove(connection: Connection): void {
    const network = this.networks.get(connection);
    if (network === undefined) return;
    this.networks.delete(connection);
    const count = (this.counts.get(network) ?? 1) - 1;
    if (count > 0) this.counts.set(network, count);
    else this.counts.delete(network);
  }

  private networkOf(request: IncomingMessage): string {
    return networkOf(proxyAddress(request, this.isTrusted));
  }
}
