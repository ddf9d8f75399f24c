import { type ChildProcess, fork } from 'node:child_process';
import pLimit from 'p-limit';
import { watchMemory } from './watch-memory.js';

export interface PoolOptions {
  /** How many jobs run at once, each in a process of its own. */
  readonly processes: number;
  /** After which a job is given up, and its process killed. */
  readonly timeoutMs: number;
  /** Of a process; more than that, and it is killed (where the system tells). */
  readonly memoryBytes: number;
  /** What the processes may take for JavaScript's objects, in MiB. */
  readonly heapMib: number;
}

/** A process ended before it answered: it was killed, or it broke down. */
export class JobAborted extends Error {}

const IDLE_MS = 30_000;

/**
 * Runs jobs that may hang, crash or eat memory in processes of their own, which live on while there is work. A library's
 * pool would end them by a signal that a stuck one does not hear, or run threads, whose crash is ours.
 */
export class ProcessPool {
  private readonly limit: ReturnType<typeof pLimit>;
  private readonly idle: ChildProcess[] = [];
  private readonly living = new Set<ChildProcess>();
  private hasStopped = false;

  /** @param program A module that answers each message with one, and may be TypeScript that needs no compiler. */
  constructor(
    private readonly program: string,
    private readonly options: PoolOptions,
  ) {
    this.limit = pLimit(options.processes);
  }

  get isStopped(): boolean {
    return this.hasStopped;
  }

  /**
   * Sends a job to a process and gives back its answer.
   *
   * @throws {JobAborted} where the process did not answer in time, took too much memory, or ended.
   */
  run(job: object): Promise<unknown> {
    return this.limit(async () => {
      if (this.hasStopped) throw new JobAborted('the pool has stopped');
      const child = this.idle.pop() ?? this.start();
      child.ref();
      child.channel?.ref();
      const answer = await this.ask(child, job);
      this.rest(child);
      return answer;
    });
  }

  /** Kills all processes; jobs under way are aborted, as are those that come later. */
  stop(): void {
    this.hasStopped = true;
    for (const child of this.living) child.kill('SIGKILL');
  }

  private start(): ChildProcess {
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

  /** Whether it was at rest. */
  private forget(child: ChildProcess): boolean {
    const at = this.idle.indexOf(child);
    if (at >= 0) this.idle.splice(at, 1);
    return at >= 0;
  }

  private async ask(child: ChildProcess, job: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const abort = (why: string): void => {
      child.kill('SIGKILL');
      reject(new JobAborted(why));
    };
    const onExit = (): void => reject(new JobAborted('the process broke down'));
    const onError = (error: Error): void => abort(error.message);
    child.once('message', resolve).once('exit', onExit).once('error', onError);
    const deadline = setTimeout(() => abort('it took too long'), this.options.timeoutMs);
    const unwatch = watchMemory(child, this.options.memoryBytes, () =>
      abort('it took too much memory'),
    );
    try {
      child.send(job);
      return await promise;
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
    this.idle.push(child);
    setTimeout(() => {
      if (this.forget(child)) child.kill('SIGKILL');
    }, IDLE_MS).unref();
  }
}
