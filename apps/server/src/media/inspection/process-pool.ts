import { type ChildProcess, fork } from 'node:child_process';
import pLimit from 'p-limit';
import { type ProcessLimits, residentBytes, watchProcess } from './watch-process.js';

export interface PoolOptions {
  /** How many jobs run at once, each in a process of its own. */
  readonly processes: number;
  /** After which a job is given up, and its process killed. */
  readonly timeoutMs: number;
  /** Of a job that has no limits of its own; more than that, and its process is killed (where the system tells). */
  readonly limits: ProcessLimits;
  /** What the processes may take for JavaScript's objects, in MiB. */
  readonly heapMib: number;
}

/**
 * A job was not answered. `limit`: it took too long or too much memory. `crash`: its process broke down. `pool`: there was
 * no process to be had, which says nothing of the job.
 */
export class JobAborted extends Error {
  constructor(
    readonly by: 'limit' | 'crash' | 'pool',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const IDLE_MS = 30_000;
/** Of the memory that a job may take, what a process may hold that waits for one. */
const MOST_KEPT = 0.75;

/**
 * Runs jobs that may hang, crash or eat memory in processes of their own, which live on while there is work. A library's
 * pool would end them by a signal that a stuck one does not hear, or run threads, whose crash is ours.
 */
export class ProcessPool {
  private readonly limit: ReturnType<typeof pLimit>;
  /** Each with the timer that ends it. */
  private readonly idle = new Map<ChildProcess, NodeJS.Timeout>();
  private readonly living = new Set<ChildProcess>();
  private hasStopped = false;

  /** @param program A module that answers each message with one, and may be TypeScript that needs no compiler. */
  constructor(
    private readonly program: string,
    private readonly options: PoolOptions,
  ) {
    this.limit = pLimit(options.processes);
  }

  /**
   * Sends a job to a process and gives back its answer.
   *
   * @param limits Its own, where it may take more or less than others.
   * @throws {JobAborted}
   */
  run(job: object, limits: ProcessLimits = this.options.limits): Promise<unknown> {
    return this.limit(async () => {
      const kept = this.takeIdle();
      try {
        return await this.ask(kept ?? this.start(), job, limits);
      } catch (error) {
        // A process that was at rest may have been gone before it heard of the job.
        const isItsOwn = error instanceof JobAborted && error.by === 'limit';
        if (!kept || isItsOwn) throw error;
        return this.ask(this.start(), job, limits);
      }
    });
  }

  /** Kills all processes; jobs under way are aborted, as are those that come later. */
  stop(): void {
    this.hasStopped = true;
    for (const child of this.living) child.kill('SIGKILL');
  }

  private start(): ChildProcess {
    if (this.hasStopped) throw new JobAborted('pool', 'the pool has stopped');
    const child = fork(this.program, {
      // Nothing of our environment is for them: it holds secrets. With an arena for each thread, glibc keeps three times
      // the memory that a picture needs.
      env: { MALLOC_ARENA_MAX: '1' },
      cwd: '/',
      execArgv: [`--max-old-space-size=${this.options.heapMib}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    this.living.add(child);
    child.once('exit', () => {
      this.living.delete(child);
      this.forget(child);
    });
    // Those of a process at rest: it is as good as gone.
    child.on('error', () => this.forget(child));
    return child;
  }

  private async ask(child: ChildProcess, job: object, limits: ProcessLimits): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const exceeded = (what: string): void => reject(new JobAborted('limit', `it took too ${what}`));
    const onExit = (): void =>
      reject(new JobAborted(this.hasStopped ? 'pool' : 'crash', 'the process broke down'));
    const onError = (cause: Error): void =>
      reject(new JobAborted('pool', cause.message, { cause }));
    child.once('message', resolve).once('exit', onExit).once('error', onError);
    const deadline = setTimeout(exceeded, this.options.timeoutMs, 'long');
    const unwatch = watchProcess(child, limits, exceeded);
    try {
      child.send(job);
      const answer = await promise;
      // What it keeps of a large job would be held against the next one.
      if ((await residentBytes(child)) > this.options.limits.memoryBytes * MOST_KEPT)
        child.kill('SIGKILL');
      else this.rest(child);
      return answer;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(deadline);
      unwatch();
      child.off('message', resolve).off('exit', onExit).off('error', onError);
    }
  }

  /** Keeps a process for the next job, for a while; it does not keep ours alive. */
  private rest(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    const timer = setTimeout(() => {
      this.forget(child);
      child.kill('SIGKILL');
    }, IDLE_MS);
    this.idle.set(child, timer.unref());
  }

  private takeIdle(): ChildProcess | undefined {
    const [child] = this.idle.keys();
    if (!child) return undefined;
    this.forget(child);
    child.ref();
    child.channel?.ref();
    return child;
  }

  private forget(child: ChildProcess): void {
    clearTimeout(this.idle.get(child));
    this.idle.delete(child);
  }
}
