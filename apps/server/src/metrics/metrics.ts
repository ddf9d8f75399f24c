import { Inject, Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CONFIG, type Config } from '../config/config.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** What the parts of the way of a message are called, in their order. */
export type Stage = 'queue' | 'commit' | 'publish';

/**
 * What is measured of this node. Nothing is, where no port is set to read it from. Labels are names of the protocol and
 * of the code, never of people, chats or addresses: there are only so many.
 */
@Injectable()
export class Metrics {
  private readonly isOn: boolean;
  private readonly registry = new Registry();
  private readonly commands = this.counter('commands_total', 'Commands by result.', [
    'command',
    'result',
  ]);
  private readonly commandTimes = this.histogram(
    'command_seconds',
    'From the arrival of a command to its acknowledgement.',
    SECONDS,
    ['command'],
  );
  private readonly requests = this.counter('requests_total', 'Requests by status.', [
    'route',
    'status',
  ]);
  private readonly requestTimes = this.histogram(
    'request_seconds',
    'From the arrival of a request to the end of its answer.',
    SECONDS,
    ['route'],
  );
  private readonly stages = this.histogram(
    'append_seconds',
    'The way of a batch of messages: its first in the queue, the commit, and the publishing to the sockets of this node.',
    SECONDS,
    ['stage'],
  );
  private readonly batches = this.histogram(
    'append_batch_messages',
    'Messages that are committed together.',
    SIZES,
  );
  private readonly syncs = this.histogram('sync_entries', 'Entries of an answer to sync.', [
    0,
    ...SIZES,
  ]);
  private readonly cuts = this.counter(
    'backlog_cuts_total',
    'Connections that were cut because their client read too slowly.',
  );
  private readonly pushes = this.counter('pushes_total', 'Pushes by what became of them.', [
    'outcome',
  ]);
  private readonly unreadableRows = this.counter(
    'unreadable_rows_total',
    'Readings of stored rows of which no meaning can be made, by what about them cannot be read.',
    ['what'],
  );

  constructor(@Inject(CONFIG) { metricsPort }: Pick<Config, 'metricsPort'>) {
    this.isOn = metricsPort !== undefined;
    if (this.isOn) collectDefaultMetrics({ register: this.registry });
  }

  /** @param command Of the protocol, or `unknown`. */
  commandAnswered(command: string, result: string, seconds: number): void {
    if (!this.isOn) return;
    this.commands.inc({ command, result });
    this.commandTimes.observe({ command }, seconds);
  }

  requestAnswered(route: string, status: number, seconds: number): void {
    if (!this.isOn) return;
    this.requests.inc({ route, status });
    this.requestTimes.observe({ route }, seconds);
  }

  batchCommitted(messages: number, seconds: Readonly<Record<Stage, number>>): void {
    if (!this.isOn) return;
    this.batches.observe(messages);
    for (const [stage, value] of Object.entries(seconds)) this.stages.observe({ stage }, value);
  }

  syncAnswered(entries: number): void {
    if (this.isOn) this.syncs.observe(entries);
  }

  backlogCut(): void {
    if (this.isOn) this.cuts.inc();
  }

  /** @param outcome One of the few of `PushOutcome`. */
  pushAnswered(outcome: string): void {
    if (this.isOn) this.pushes.inc({ outcome });
  }

  /** @param what One of the few of `UnreadableRow`. */
  unreadableRowRead(what: string): void {
    if (this.isOn) this.unreadableRows.inc({ what });
  }

  /** A number that is asked for each time that the metrics are read. */
  watch(name: string, help: string, read: () => number | Promise<number>): void {
    this.watchEach(name, help, undefined, async () => [['', await read()]]);
  }

  /** Numbers by the values of one label. What cannot be read is left out. */
  watchEach(
    name: string,
    help: string,
    label: string | undefined,
    read: () => Iterable<readonly [string, number]> | Promise<Iterable<readonly [string, number]>>,
  ): void {
    const gauge: Gauge = new Gauge({
      name: `natter_${name}`,
      help,
      registers: [this.registry],
      labelNames: label === undefined ? [] : [label],
      collect: async () => {
        gauge.reset();
        try {
          for (const [value, number] of await read()) {
            gauge.set(label === undefined ? {} : { [label]: value }, number);
          }
        } catch {
          gauge.remove();
        }
      },
    });
  }

  /** Everything in the text format of Prometheus. */
  async read(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.registry.contentType, text: await this.registry.metrics() };
  }

  private counter<T extends string>(name: string, help: string, labelNames: T[] = []): Counter<T> {
    return new Counter({ name: `natter_${name}`, help, labelNames, registers: [this.registry] });
  }

  private histogram<T extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: T[] = [],
  ): Histogram<T> {
    const registers = [this.registry];
    return new Histogram({ name: `natter_${name}`, help, buckets, labelNames, registers });
  }
}
