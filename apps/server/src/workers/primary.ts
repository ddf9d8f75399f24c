import cluster, { type Address, type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import * as z from 'zod/mini';
import type { Config } from '../config/config.js';
import { type DatabaseServer, startDatabaseServer } from '../database/database-server.js';
import { CARRYING_LIMIT_BYTES } from '../relay/relay.js';
import { WorkerMessage } from './worker-message.js';
import type { WorkerSeat } from './worker-seat.js';

/** A worker that has died is replaced after this. */
const REPLACE_MS = 500;

/** @throws where it ends before it listens; it has told why by itself. */
function untilListening(worker: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('listening', ({ port }: Address) => resolve(port));
    worker.once('exit', () => reject(new Error('A worker was unable to start')));
  });
}

/**
 * The process that starts the workers, replaces those that die, carries what they tell each other, and runs the embedded
 * database for all of them. Clients never reach it: the system hands their connections to the workers.
 */
export class Primary {
  private listensAt: number | undefined;
  private started = false;
  private stopping = false;
  private readonly carrying = new Map<number, number>();
  private readonly slots = new Map<number, Worker>();

  private constructor(
    private readonly config: Config,
    private readonly logger: Logger,
    private readonly database: DatabaseServer,
    private readonly folder: string,
  ) {}

  /**
   * Starts the database and all workers, and resolves when every one of them answers.
   *
   * @throws where a worker ends before it does.
   */
  static async start(config: Config, logger: Logger): Promise<Primary> {
    const database = await startDatabaseServer(config, logger);
    const folder = await mkdtemp(join(tmpdir(), 'natter-workers-'));
    const primary = new Primary(config, logger, database, folder);
    try {
      await primary.startWorkers();
    } catch (error) {
      await primary.stop();
      throw error;
    }
    return primary;
  }

  /** The port that all workers share. */
  get port(): number {
    return this.listensAt ?? this.config.port;
  }

  /** Lets every worker drain, and stops the database when the last has ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    const workers = [...this.slots.values()];
    const ended = workers.map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.process.kill('SIGTERM');
    await Promise.all(ended);
    await this.database.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async startWorkers(): Promise<void> {
    cluster.on('message', (worker, message: unknown) => this.carry(worker, message));
    cluster.on('exit', (worker) => this.replace(worker));
    const workers = Array.from({ length: this.config.workers }, (_, slot) => this.fork(slot));
    const [port] = await Promise.all(workers.map(untilListening));
    this.listensAt = port;
    this.started = true;
  }

  private fork(slot: number): Worker {
    const worker = cluster.fork();
    this.slots.set(slot, worker);
    const { folder, database } = this;
    const seat: WorkerSeat = { id: String(worker.id), slot, folder, databaseUrl: database.url };
    worker.send(seat);
    return worker;
  }

  private replace(ended: Worker): void {
    this.carrying.delete(ended.id);
    const [slot] = [...this.slots].find(([, worker]) => worker === ended) ?? [];
    if (slot === undefined) return;
    this.slots.delete(slot);
    if (this.stopping || !this.started) return;
    this.logger.error({ worker: ended.process.pid }, 'a worker has died; another takes its place');
    setTimeout(() => {
      if (!this.stopping) this.fork(slot);
    }, REPLACE_MS);
  }

  private carry(sender: Worker, message: unknown): void {
    const { data: carried } = z.safeParse(WorkerMessage, message);
    if (!carried) return;
    const bytes = Buffer.byteLength(carried.text);
    for (const worker of this.slots.values()) {
      if (worker === sender || !worker.isConnected()) continue;
      const before = this.carrying.get(worker.id) ?? 0;
      if (before + bytes > CARRYING_LIMIT_BYTES) continue;
      this.carrying.set(worker.id, before + bytes);
      worker.send(carried, () => {
        const now = this.carrying.get(worker.id);
        if (now !== undefined) this.carrying.set(worker.id, now - bytes);
      });
    }
  }
}
