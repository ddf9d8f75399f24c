import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { CONFIG, type Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { WORKER_SEAT, type WorkerSeat } from '../workers/worker-seat.js';
import { WorkerRelay } from '../workers/worker-relay.js';
import { RedisRelay } from './redis-relay.js';
import { NoRelay, Relay } from './relay.js';

function chooseRelay(
  { redisUrl }: Config,
  seat: WorkerSeat | undefined,
  logger: Logger,
  metrics: Metrics,
): Relay {
  if (redisUrl === undefined) return seat ? new WorkerRelay() : new NoRelay();
  const relay = new RedisRelay(redisUrl, logger);
  metrics.watch('relay_healthy', 'Whether Redis carries what nodes tell each other: 1 or 0.', () =>
    Number(relay.isHealthy),
  );
  return relay;
}

/** Whichever relay the configuration asks for. */
@Global()
@Module({
  providers: [
    { provide: Relay, useFactory: chooseRelay, inject: [CONFIG, WORKER_SEAT, LOGGER, Metrics] },
  ],
  exports: [Relay],
})
export class RelayModule {}
