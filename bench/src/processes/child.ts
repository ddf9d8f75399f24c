import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Resources } from './resources.js';

const END_TIMEOUT_MS = 20_000;

export interface ChildOptions {
  readonly command: readonly string[];
  readonly folder: string;
  /** Where its output goes. */
  readonly logFile: string;
  /** The whole of its environment beside `PATH`: nothing of ours changes what is measured. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it talks with us by messages. */
  readonly messages: boolean;
}

function spawnInto({ command, folder, logFile, environment, messages }: ChildOptions) {
  const [program = '', ...parameters] = command;
  const log = openSync(logFile, 'a');
  try {
    return spawn(program, parameters, {
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', ...environment },
      stdio: messages ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      // A Ctrl+C in the terminal is for us, who then end our processes in order.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

/** A process of ours, ended by its id when the run ends. */
export class Child {
  private constructor(
    readonly process: ChildProcess,
    readonly processId: number,
  ) {}

  /** @throws where the program cannot be started, or the run is ending. */
  static async start(options: ChildOptions, resources: Resources): Promise<Child> {
    resources.requireOpen();
    const spawned = spawnInto(options);
    if (spawned.pid === undefined) {
      const [error] = await once(spawned, 'error');
      throw new Error(`Unable to start ${options.command.join(' ')}`, { cause: error });
    }
    // A message to one that has just ended fails by this event; its end is noticed by itself.
    spawned.on('error', () => undefined);
    const child = new Child(spawned, spawned.pid);
    return resources.add(child, {
      release: () => child.end(),
      atExit: () => {
        if (child.running) spawned.kill('SIGKILL');
      },
    });
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Asks it to end and waits; after 20 s it is killed. */
  async end(): Promise<void> {
    if (!this.running) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const timer = new AbortController();
    const late = wait(END_TIMEOUT_MS, undefined, { signal: timer.signal }).then(
      () => this.process.kill('SIGKILL'),
      () => false,
    );
    await ended;
    timer.abort();
    await late;
  }
}
