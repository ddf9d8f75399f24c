import { channel } from 'node:diagnostics_channel';
import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LOGGER, type Logger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';

/** A stored row of which no meaning can be made: that part of it is left out of what is shown. */
export interface UnreadableRow {
  /** What about it cannot be read: of a message its payload or what it tells, or an event of one of the streams. */
  readonly what: 'encrypted' | 'system' | 'chatEvent' | 'userEvent';
  /** The chat's, or the user's where it is of his own stream. */
  readonly streamId: string;
  readonly seq: number;
}

/**
 * Where each reading of such a row is published, as an `UnreadableRow`: rows become wire types in pure functions, which
 * have nobody to tell. It is one for the whole process.
 */
const readings = channel('natter:unreadable-row');

function isUnreadableRow(message: unknown): message is UnreadableRow {
  return typeof message === 'object' && message !== null && 'what' in message;
}

export function reportUnreadable(row: UnreadableRow): void {
  readings.publish(row);
}

/** A bad row may be read with every page: the log tells of each kind no more often than this. */
const WARNING_EVERY_MS = 60_000;

interface Count {
  /** Of the readings that no warning has told of yet. */
  untold: number;
  warnedAt: number | undefined;
}

/** Counts the readings of rows that cannot be read, and warns of them. */
@Injectable()
export class UnreadableRows implements OnModuleInit, OnApplicationShutdown {
  private readonly counts = new Map<UnreadableRow['what'], Count>();
  private readonly listener = (message: unknown): void => {
    if (isUnreadableRow(message)) this.count(message);
  };

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    readings.subscribe(this.listener);
  }

  onApplicationShutdown(): void {
    readings.unsubscribe(this.listener);
  }

  private count(row: UnreadableRow): void {
    this.metrics.unreadableRowRead(row.what);
    const count = this.counts.get(row.what) ?? { untold: 0, warnedAt: undefined };
    this.counts.set(row.what, count);
    count.untold += 1;
    const now = performance.now();
    if (count.warnedAt !== undefined && now - count.warnedAt < WARNING_EVERY_MS) return;
    this.logger.warn({ ...row, readings: count.untold }, 'a stored row cannot be read; left out');
    count.untold = 0;
    count.warnedAt = now;
  }
}
