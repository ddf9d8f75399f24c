import type { Server as HttpServer } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { CommandBinder } from '../commands/command-binder.js';
import { CommandSource } from '../commands/command-source.js';
import { CONFIG, type Config } from '../config/config.js';
import { corsOrigin, mayConnect } from '../http/cors.js';
import { LOGGER } from '../logging/logger.js';
import { Connections } from '../presence/connections.js';
import { Dispatcher } from './dispatcher.js';
import { Handshake } from './handshake.js';
import type { Memberships } from './memberships.repository.js';
import type { NatterServer, NatterSocket } from './natter-socket.js';
import { SlowReaders } from './slow-readers.js';

/** How long a connection may take to authenticate. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A live socket outlives its access token by this much (AUTH-3). */
const EXPIRY_GRACE_MS = 24 * 60 * 60 * 1000;
const SWEEP_INTERVAL_MS = 60_000;
/** Clients of a stopping node come back after at most this. */
const RECONNECT_SPREAD_MS = 2000;

/**
 * The Socket.IO server on the application's HTTP server. Its own connection-state recovery stays off: it skips
 * authentication and forgets on restart, and `sync` does what it promises.
 */
@Injectable()
export class SocketServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private server: NatterServer | undefined;
  private sweep: NodeJS.Timeout | undefined;
  /** What the middleware read, until the connection is made. */
  private readonly accepted = new WeakMap<NatterSocket, Memberships>();
  private handshakes = 0;
  private readonly slowReaders: SlowReaders;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly adapterHost: HttpAdapterHost,
    private readonly handshake: Handshake,
    private readonly commands: CommandBinder,
    private readonly dispatcher: Dispatcher,
    private readonly connections: Connections,
  ) {
    this.slowReaders = new SlowReaders(config.capacity, logger);
  }

  onApplicationBootstrap(): void {
    const httpServer: HttpServer = this.adapterHost.httpAdapter.getHttpServer();
    const server: NatterServer = new Server(httpServer, {
      maxHttpBufferSize: this.config.limits.frameBytes,
      connectTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
      httpCompression: false,
      cors: { origin: corsOrigin(this.config) },
      allowRequest: ({ headers }, answer) =>
        answer(null, mayConnect(this.config, headers) && this.hasRoom()),
    });
    server.engine.on('connection', (connection: NatterSocket['conn']) =>
      this.slowReaders.watch(connection),
    );
    server.use((socket, next) => void this.accept(socket).then(next));
    server.on('connection', (socket) => this.connect(socket));
    this.server = server;
    this.slowReaders.start();
    this.dispatcher.start(server);
    this.sweep = setInterval(() => this.dispatcher.endExpired(EXPIRY_GRACE_MS), SWEEP_INTERVAL_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.sweep);
    this.slowReaders.stop();
    this.dispatcher.announceDraining(Math.ceil(Math.random() * RECONNECT_SPREAD_MS));
    // Without its engine alone: the HTTP server is closed by the application.
    for (const socket of this.server?.of('/').sockets.values() ?? []) socket.conn.close();
    this.server?.engine.close();
    await Promise.resolve();
  }

  /** Who is turned away before the handshake tries again by himself, each at a moment of his own. */
  private hasRoom(): boolean {
    const { sockets, handshakes } = this.config.capacity;
    return this.handshakes < handshakes && (this.server?.engine.clientsCount ?? 0) < sockets;
  }

  /** Resolves with what the client is refused with, if it is. */
  private async accept(socket: NatterSocket): Promise<Error | undefined> {
    this.handshakes += 1;
    try {
      const { caller, memberships } = await this.handshake.accept(socket);
      socket.data.caller = caller;
      this.accepted.set(socket, memberships);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.handshakes -= 1;
    }
  }

  private connect(socket: NatterSocket): void {
    const memberships = this.accepted.get(socket);
    if (!memberships) {
      socket.disconnect(true);
      return;
    }
    const { caller } = socket.data;
    this.accepted.delete(socket);
    this.connections.add(caller);
    socket.on('disconnect', () => this.connections.remove(caller));
    socket.on('error', (error) => this.logger.debug({ error: error.message }, 'a socket failed'));
    const source = new CommandSource(caller, () => {
      const { userId, deviceId } = caller;
      this.logger.warn({ userId, deviceId }, 'a socket is cut; it went on and on over its rates');
      this.dispatcher.endFlooding(socket);
    });
    socket.onAny((name: string, ...parameters: unknown[]) => {
      void this.commands.receive(source, name, parameters);
    });
    this.dispatcher.attach(socket, memberships);
  }
}
