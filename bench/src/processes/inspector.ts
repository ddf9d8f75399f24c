import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { isMaybe, isNumber, isObjectOf } from '../guards.js';

const ADDRESS = /Debugger listening on (ws:\S+)/g;
const FIND_ATTEMPTS = 50;
const POLL_MS = 100;

/** The option with which a Node process listens for us, on a free port. */
export const INSPECTABLE = '--inspect=127.0.0.1:0';

interface Answer {
  readonly id: number;
  readonly result?: object | undefined;
  readonly error?: object | undefined;
}

const isObject = isObjectOf<object>({});
const isAnswer = isObjectOf<Answer>({
  id: isNumber,
  result: isMaybe(isObject),
  error: isMaybe(isObject),
});

async function findAddress(logFile: string): Promise<string> {
  for (let attempt = 0; attempt < FIND_ATTEMPTS; attempt += 1) {
    const found = [...readFileSync(logFile, 'utf8').matchAll(ADDRESS)].at(-1)?.[1];
    if (found !== undefined) return found;
    await wait(POLL_MS);
  }
  throw new Error('Unable to reach the inspector of a server; it did not say where it listens');
}

/** Reaches into a running Node process from outside, without a line of its own for it. */
export class Inspector {
  private lastId = 0;

  private constructor(private readonly socket: WebSocket) {}

  /** Of a process started with `INSPECTABLE`, whose output goes to `logFile`. */
  static async attach(logFile: string): Promise<Inspector> {
    const socket = new WebSocket(await findAddress(logFile), { maxPayload: 0 });
    await once(socket, 'open');
    return new Inspector(socket);
  }

  /** Collects all garbage, so that what is left is in use. */
  async collectGarbage(): Promise<void> {
    await this.call('HeapProfiler.collectGarbage');
  }

  /** Profiles the process while `work` runs, and resolves with the profile, as `--cpu-prof` writes it. */
  async profile(sampleMicroseconds: number, work: () => Promise<unknown>): Promise<object> {
    await this.call('Profiler.enable');
    await this.call('Profiler.setSamplingInterval', { interval: sampleMicroseconds });
    await this.call('Profiler.start');
    await work();
    const { profile } = await this.call('Profiler.stop');
    await this.call('Profiler.disable');
    if (!isObject(profile)) throw new TypeError('The inspector gave no profile');
    return profile;
  }

  close(): void {
    this.socket.terminate();
  }

  private call(method: string, params: object = {}): Promise<{ readonly profile?: unknown }> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      const receive = (frame: unknown): void => {
        const message: unknown = JSON.parse(String(frame));
        if (!isAnswer(message) || message.id !== id) return;
        this.socket.off('message', receive);
        if (message.result) resolve(message.result);
        else reject(new Error(`${method} failed: ${JSON.stringify(message.error)}`));
      };
      this.socket.on('message', receive);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
