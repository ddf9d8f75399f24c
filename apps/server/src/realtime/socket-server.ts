import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import { CommandBinder } from '../commands/command-binder.js';
import { CommandSource } from '../commands/command-source.js';
import { CONFIG, type Config } from '../config/config.js';
import { corsOrigin, mayConnect } from '../http/cors.js';
import { LOGGER } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { Connections } from '../presence/connections.js';
import { NodeWork } from '../work/node-work.js';
import { SessionRouting, sessionIdAt } from '../workers/session-routing.js';
import { WORKER_SEAT, type WorkerSeat } from '../workers/worker-seat.js';
import { closeConnection, cutConnection } from './cut-connection.js';
import { Dispatcher } from './dispatcher.js';
import { GatheredWrites } from './gathered-writes.js';
import { Handshake } from './handshake.js';
import type { Memberships } from './memberships.repository.js';
import type { NatterServer, NatterSocket } from './natter-socket.js';
import { Newcomers } from './newcomers.js';
import { SlowReaders } from './slow-readers.js';

/** How long a connection may take to authenticate. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A live socket outlives its access token by this much (AUTH-3). */
const EXPIRY_GRACE_MS = 24 * 60 * 60 * 1000;
const SWEEP_INTERVAL_MS = 60_000;
/** Within how much time the clients of a stopping node come back. */
const SHORTEST_SPREAD_MS = 250;
const LONGEST_SPREAD_MS = 10_000;
/** Of the time that a node has to stop: for what it has taken on, and for the ends of connections. */
const WORK_SHARE = 0.6;
const CLOSING_SHARE = 0.15;

/**
 * The Socket.IO server on the application's HTTP server. Its own connection-state recovery stays off: it skips
 * authentication and forgets on restart, and `sync` does what it promises.
 */
@Injectable()
export class SocketServer implements OnApplicationBootstrap, OnModuleDestroy {
  private server: NatterServer | undefined;
  private sweep: NodeJS.Timeout | undefined;
  /** What the middleware read, until the connection is made. */
  private readonly accepted = new WeakMap<NatterSocket, Memberships>();
  private handshakes = 0;
  private readonly newcomers: Newcomers;
  private readonly slowReaders: SlowReaders;
  private readonly writes = new GatheredWrites();
  private routing: SessionRouting | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly adapterHost: HttpAdapterHost,
    private readonly handshake: Handshake,
    private readonly commands: CommandBinder,
    private readonly dispatcher: Dispatcher,
    private readonly connections: Connections,
    private readonly work: NodeWork,
    private readonly metrics: Metrics,
    @Inject(WORKER_SEAT) private readonly seat: WorkerSeat | undefined,
  ) {
    this.slowReaders = new SlowReaders(config.capacity, logger, metrics);
    this.newcomers = new Newcomers(config);
  }

  async onApplicationBootstrap(): Promise<void> {
    const httpServer: HttpServer = this.adapterHost.httpAdapter.getHttpServer();
    const server: NatterServer = new Server(httpServer, {
      maxHttpBufferSize: this.config.limits.frameBytes,
      connectTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
      httpCompression: false,
      cors: { origin: corsOrigin(this.config) },
      allowRequest: (request, answer) =>
        answer(null, mayConnect(this.config, request.headers) && this.hasRoom(request)),
    });
    server.engine.on('connection', (connection: NatterSocket['conn']) => {
      this.slowReaders.watch(connection);
      this.writes.gather(connection);
      this.newcomers.add(connection);
    });
    server.use((socket, next) => void this.accept(socket).then(next));
    server.on('connection', (socket) => this.connect(socket));
    this.server = server;
    await this.routeSessions(httpServer, server);
    this.slowReaders.start();
    this.metrics.watchEach(
      'connections',
      'Connections, and the authenticated ones.',
      'kind',
      () => [
        ['all', server.engine.clientsCount],
        ['authenticated', server.of('/').sockets.size],
      ],
    );
    this.metrics.watch(
      'work_under_way',
      'Commands and requests that are not answered.',
      () => this.work.size,
    );
    this.dispatcher.start(server);
    this.sweep = setInterval(() => this.dispatcher.endExpired(EXPIRY_GRACE_MS), SWEEP_INTERVAL_MS);
  }

  /**
   * Before anything else of the node stops: it takes no more work, answers what it has taken on, tells its clients to move,
   * and closes their connections. Other nodes serve them from here on.
   */
  async onModuleDestroy(): Promise<void> {
    const { drainMs, capacity } = this.config;
    this.work.drain();
    const connected = this.server?.engine.clientsCount ?? 0;
    const spreadMs = (1000 * connected) / capacity.reconnectsPerSecond;
    this.dispatcher.announceDraining(
      Math.min(LONGEST_SPREAD_MS, Math.max(SHORTEST_SPREAD_MS, spreadMs)),
    );
    await this.work.finish(drainMs * WORK_SHARE);
    await this.closeConnections(drainMs * CLOSING_SHARE);
    this.dispatcher.stop();
    clearInterval(this.sweep);
    this.slowReaders.stop();
    await this.routing?.close();
  }

  /** Orderly, so that what was written to them before still comes; those that do not read are cut after `patienceMs`. */
  private async closeConnections(patienceMs: number): Promise<void> {
    const connections = [...(this.server?.of('/').sockets.values() ?? [])].map(({ conn }) => conn);
    const ended = Promise.all(connections.map(closeConnection));
    await Promise.race([ended, setTimeout(patienceMs, undefined, { ref: false })]);
    for (const connection of connections) cutConnection(connection);
    // Without its engine alone: the HTTP server is closed by the application.
    this.server?.engine.close();
  }

  /** Of several workers, each brings to the others what is theirs. */
  private async routeSessions(httpServer: HttpServer, server: NatterServer): Promise<void> {
    const { seat } = this;
    if (!seat) return;
    server.engine.generateId = () => sessionIdAt(seat, randomUUID());
    this.routing = new SessionRouting(seat);
    await this.routing.attach(httpServer);
  }

  /** Who is turned away before the handshake tries again by himself, each at a moment of his own. */
  private hasRoom(request: IncomingMessage): boolean {
    const { sockets, handshakes } = this.config.capacity;
    if (this.work.isDraining) return false;
    const connections = this.server?.engine.clientsCount ?? 0;
    return this.handshakes < handshakes && connections < sockets && this.newcomers.hasRoom(request);
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
    // Who came in while the others were told to leave comes back to another node.
    if (!memberships || this.work.isDraining) {
      socket.conn.close();
      return;
    }
    const { caller } = socket.data;
    this.newcomers.remove(socket.conn);
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
