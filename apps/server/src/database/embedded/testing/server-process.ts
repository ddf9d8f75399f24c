import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { identityOf } from '../run-program.js';
import type { SystemAccount } from '../system-account.js';
import { waitUntil } from '../wait-until.js';
import { programEvent, type ProgramEvent, type ProgramOptions } from './server-program-events.js';

/** Compiled, because Node itself does not map our imports of `.js` to the sources. */
export const SERVER_PROGRAM = fileURLToPath(
  new URL('../../../../dist/database/embedded/testing/server-program.js', import.meta.url),
);

const EVENT_TIMEOUT_MS = 40_000;

type EventOf<Name extends ProgramEvent['event']> = Extract<ProgramEvent, { event: Name }>;

/** A server process with an embedded database, leader of a process group of its own, so that the group can be killed. */
export class ServerProcess {
  readonly processId: number;
  readonly events: ProgramEvent[] = [];
  /** The exit code, or the name of the signal. */
  readonly exited: Promise<number | string>;
  #output = '';
  #running = true;

  private constructor(child: ChildProcess, processId: number) {
    this.processId = processId;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#running = false;
        resolve(code ?? signal ?? 'unknown');
      });
    });
    child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    if (child.stdout !== null) {
      createInterface(child.stdout).on('line', (line) =>
        this.events.push(programEvent.parse(JSON.parse(line))),
      );
    }
  }

  static async spawn(options: ProgramOptions, account?: SystemAccount): Promise<ServerProcess> {
    if (!existsSync(SERVER_PROGRAM))
      throw new Error(`unable to find ${SERVER_PROGRAM}; run "tsc -b" first`);
    const child = spawn(process.execPath, [SERVER_PROGRAM, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      detached: true,
      ...identityOf(account),
    });
    await once(child, 'spawn');
    if (child.pid === undefined) throw new TypeError('a spawned process has an id');
    return new ServerProcess(child, child.pid);
  }

  /** The first event of one of these kinds, which may have come already. */
  async waitFor<Name extends ProgramEvent['event']>(...names: Name[]): Promise<EventOf<Name>> {
    const find = (): EventOf<Name> | undefined =>
      this.events.find((event): event is EventOf<Name> =>
        names.some((name) => name === event.event),
      );
    await waitUntil(() => find() !== undefined || !this.#running, {
      timeoutMs: EVENT_TIMEOUT_MS,
      everyMs: 5,
    });
    const found = find();
    if (found !== undefined) return found;
    throw new Error(
      `no ${names.join(' or ')}, but ${JSON.stringify(this.events)}\n${this.#output}`,
    );
  }

  /** To the server alone, or to its whole process group. */
  async end(
    signal: NodeJS.Signals,
    target: 'process' | 'group' = 'process',
  ): Promise<number | string> {
    if (this.#running) process.kill(target === 'group' ? -this.processId : this.processId, signal);
    return this.exited;
  }
}
