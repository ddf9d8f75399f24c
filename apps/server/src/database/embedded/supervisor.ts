import { once } from 'node:events';
import type { ClusterLock } from './cluster-lock.js';
import { connectionTo, type EmbeddedConnection } from './connection.js';
import { messageOf } from './embedded-postgres-error.js';
import { launchPostmaster, type LaunchPlan, type Postmaster } from './postmaster.js';
import { pause } from './wait-until.js';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;
/** One that lived this long starts afresh when it dies; before, it counts as one more failed try. */
const HEALTHY_AFTER_MS = 60_000;

/**
 * A PostgreSQL of our own. When it dies it is started again at the same place; pools reconnect by themselves if they have
 * an `error` listener (without one, `pg` ends the process when an idle connection breaks).
 */
export interface EmbeddedPostgres {
  /** Can be given to a `pg` pool as it is, and stays valid until {@link stop}. */
  readonly connection: EmbeddedConnection;
  /** Of PostgreSQL's main process; another one after a restart. */
  readonly processId: number;
  /** Told each time PostgreSQL ends without {@link stop}, before it is started again. */
  onUnexpectedExit(listener: (reason: string) => void): void;
  /** Shuts PostgreSQL down without waiting for its clients, within about half a minute at worst. May be called twice. */
  stop(): Promise<void>;
}

/** Keeps a PostgreSQL running at the same endpoint until it is stopped. */
export class Supervisor implements EmbeddedPostgres {
  readonly connection: EmbeddedConnection;
  readonly #plan: LaunchPlan;
  readonly #lock: ClusterLock;
  readonly #stopping = new AbortController();
  readonly #listeners: ((reason: string) => void)[] = [];
  readonly #watch: Promise<void>;
  #postmaster: Postmaster;
  #stopped: Promise<void> | undefined;

  /** Takes over both the running PostgreSQL and the lock: {@link stop} ends the one and releases the other. */
  constructor(plan: LaunchPlan, postmaster: Postmaster, lock: ClusterLock) {
    this.connection = connectionTo(plan.endpoint);
    this.#plan = plan;
    this.#lock = lock;
    this.#postmaster = postmaster;
    this.#watch = this.#keepRunning();
  }

  get processId(): number {
    return this.#postmaster.processId;
  }

  onUnexpectedExit(listener: (reason: string) => void): void {
    this.#listeners.push(listener);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watch;
    await this.#postmaster.end();
    await this.#plan.endpoint.remove();
    await this.#lock.release();
  }

  /** Never rejects. */
  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    const aborted = once(signal, 'abort');
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      await Promise.race([this.#postmaster.ended, aborted]);
      if (signal.aborted) return;
      this.#report(await this.#postmaster.ended);
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) failures = 0;
      failures = await this.#relaunch(failures);
    }
  }

  /** Tries until PostgreSQL runs again or {@link stop} is called; returns how often it has failed by then. */
  async #relaunch(earlierFailures: number): Promise<number> {
    const { signal } = this.#stopping;
    const { logger } = this.#plan;
    for (let failures = earlierFailures; ; failures += 1) {
      if (failures > 0) await pause(backoffMs(failures), signal);
      if (signal.aborted) return failures;
      try {
        this.#postmaster = await launchPostmaster(this.#plan, signal);
        logger.info(`PostgreSQL runs again (process ${this.processId})`);
        return failures + 1;
      } catch (error) {
        if (!signal.aborted) logger.error(messageOf(error));
      }
    }
  }

  #report(how: string): void {
    const reason = `PostgreSQL (process ${this.processId}) ${how}`;
    this.#plan.logger.error(`${reason}; starting it again`);
    for (const listener of this.#listeners) {
      try {
        listener(reason);
      } catch (error) {
        this.#plan.logger.error(`a listener for the end of PostgreSQL failed: ${messageOf(error)}`);
      }
    }
  }
}

function backoffMs(failures: number): number {
  return Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);
}
