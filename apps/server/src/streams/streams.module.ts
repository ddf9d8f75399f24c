import { Module } from '@nestjs/common';
import { AppendWriter } from './append-writer.js';
import { Bus, InProcessBus } from './bus.js';
import { LogRepository } from './log.repository.js';
import { StreamChanges } from './stream-changes.js';
import { Tail } from './tail.js';
import { UnreadableRows } from './unreadable-rows.js';
import { UserEventsRetention } from './user-events-retention.js';

@Module({
  providers: [
    AppendWriter,
    StreamChanges,
    Tail,
    LogRepository,
    UnreadableRows,
    UserEventsRetention,
    { provide: Bus, useClass: InProcessBus },
  ],
  exports: [AppendWriter, StreamChanges, Tail, LogRepository, Bus],
})
export class StreamsModule {}
