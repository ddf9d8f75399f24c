import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

function targetOf(databaseUrl: string): () => Socket {
  const url = new URL(databaseUrl);
  const host = url.searchParams.get('host') ?? url.hostname;
  const port = Number(url.searchParams.get('port') ?? (url.port || 5432));
  return host.startsWith('/')
    ? () => connect(join(host, `.s.PGSQL.${port}`))
    : () => connect(port, host);
}

/** Stands between a server and its database, as the network does, and fails as it does. */
export class DatabaseProxy {
  private readonly sockets = new Set<Socket>();
  private isDown = false;
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    private target: () => Socket,
    /** The database as it is reached through the proxy. */
    readonly url: string,
  ) {}

  static async start(databaseUrl: string): Promise<DatabaseProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('The proxy has no port');
    const url = new URL(databaseUrl);
    const { username, password, pathname } = url;
    const login = password === '' ? username : `${username}:${password}`;
    const proxied = `postgres://${login}@127.0.0.1:${address.port}${pathname}`;
    const proxy = new DatabaseProxy(server, targetOf(databaseUrl), proxied);
    server.on('connection', (client) => proxy.join(client));
    return proxy;
  }

  /** Cuts all connections and takes no new ones, as a database that is stopped does. */
  stopDatabase(): void {
    this.isDown = true;
    this.cut();
  }

  /** Nothing comes through any more on the connections there are, which stay open; new ones are not answered. */
  fallSilent(): void {
    this.isSilent = true;
  }

  /** Lets new connections through; those that were there when it fell silent stay silent for good. */
  recover(): void {
    this.isDown = false;
    this.isSilent = false;
  }

  /** From now on new connections lead to another database, as an address does that moves to the new primary. */
  leadTo(databaseUrl: string): void {
    this.target = targetOf(databaseUrl);
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket): void {
    if (this.isDown) {
      client.destroy();
      return;
    }
    this.keep(client);
    if (this.isSilent) return;
    const database = this.target();
    this.keep(database);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      let isLost = false;
      from.on('data', (chunk: Buffer) => {
        isLost ||= this.isSilent;
        if (!isLost) to.write(chunk);
      });
      from.on('close', () => {
        if (!isLost && !this.isSilent) to.destroy();
      });
    }
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
  }
}
