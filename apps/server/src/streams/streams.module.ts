import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../logging/logger.js';
import { Relay } from '../relay/relay.js';
import { AppendWriter } from './append-writer.js';
import { Bus, InProcessBus, RelayedBus } from './bus.js';
import { LogRepository } from './log.repository.js';
import { StreamChanges } from './stream-changes.js';
import { Tail } from './tail.js';
import { UnreadableRows } from './unreadable-rows.js';
import { UserEventsRetention } from './user-events-retention.js';

function busOf(relay: Relay, logger: Logger): Bus {
  return relay.reachesOthers ? new RelayedBus(relay, logger) : new InProcessBus();
}

@Module({
  providers: [
    AppendWriter,
    StreamChanges,
    Tail,
    LogRepository,
    UnreadableRows,
    UserEventsRetention,
    { provide: Bus, useFactory: busOf, inject: [Relay, LOGGER] },
  ],
  exports: [AppendWriter, StreamChanges, Tail, LogRepository, Bus],
})
export class StreamsModule {}
