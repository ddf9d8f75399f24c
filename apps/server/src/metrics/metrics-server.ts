import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { WORKER_SEAT, type WorkerSeat } from '../workers/worker-seat.js';
import { Metrics } from './metrics.js';

/** Serves `/metrics` on a port of its own, which no client of the chat is to reach. It goes on while the node drains. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly metrics: Metrics,
    @Inject(WORKER_SEAT) private readonly seat: WorkerSeat | undefined,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, metricsHost: host } = this.config;
    if (metricsPort === undefined) return;
    const port = metricsPort + (this.seat?.slot ?? 0);
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.listen({ port, host, exclusive: true });
    await once(this.server, 'listening');
    this.logger.info({ port, host }, 'metrics are served at /metrics');
  }

  onApplicationShutdown(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET' || url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const { type, text } = await this.metrics.read();
      response.writeHead(200, { 'content-type': type }).end(text);
    } catch (error) {
      this.logger.error({ error }, 'unable to read the metrics');
      response.writeHead(500).end();
    }
  }
}
