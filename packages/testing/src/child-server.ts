import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url));
const PATIENCE_MS = 60_000;

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('Unable to find a free port');
  return address.port;
}

/** The first of several free ports that follow each other. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const others = Array.from({ length: count - 1 }, (_, index) => first + 1 + index);
    const free = await Promise.all(others.map(isFree));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const opened = new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false)).once('listening', () => resolve(true));
  });
  probe.listen(port, '127.0.0.1');
  const isOpen = await opened;
  probe.close();
  return isOpen;
}

/** The built server as a process of its own with its embedded database, to be killed and started again. */
export class ChildServer {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    readonly url: string,
    readonly dataFolder: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly ownsFolder: boolean,
  ) {}

  /** A server that is not started yet, on a free port; without a folder for its data in one of its own. */
  static async prepare(
    environment: Readonly<Record<string, string>> = {},
    folder?: string,
  ): Promise<ChildServer> {
    const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), 'natter-child-')));
    // PostgreSQL runs as another user where the tests run as root.
    await chmod(dataFolder, 0o711);
    const port = await freePort();
    const settings = {
      PORT: String(port),
      HOST: '127.0.0.1',
      NATTER_DATA: dataFolder,
      LOG_LEVEL: 'warn',
      ...environment,
    };
    const url = `http://127.0.0.1:${port}`;
    return new ChildServer(url, dataFolder, settings, folder === undefined);
  }

  /** The last of what the process has printed. */
  get log(): string {
    return this.output;
  }

  get processId(): number {
    if (this.child?.pid === undefined) throw new Error('The server is not running');
    return this.child.pid;
  }

  /** Starts the process and waits until it is ready. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'] ?? '', ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-1_000_000);
      });
    }
    await this.untilReady();
  }

  /** Waits until the server answers that it takes work. */
  async untilReady(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await this.isReady())) {
      if (this.child?.exitCode != null || performance.now() > deadline) {
        throw new Error(`The server does not become ready:\n${this.output.slice(-10_000)}`);
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }

  /** Resolves with the exit code, which is `null` where the signal ended it. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** Stops the process in the middle of whatever it does, or lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal);
  }

  /** Kills the postmaster of the embedded database with SIGKILL; the server goes on. */
  async killDatabase(): Promise<void> {
    process.kill(await this.databaseProcessId(), 'SIGKILL');
  }

  /** The processes that it has started to serve, where it has workers. */
  workerProcessIds(): number[] {
    const listed = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(this.processId)]);
    return listed
      .toString()
      .split('\n')
      .filter((line) => line.includes(MAIN))
      .map((line) => Number.parseInt(line, 10));
  }

  async databaseProcessId(): Promise<number> {
    const file = await readFile(join(this.dataFolder, 'postgres', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]);
  }

  /** Ends the process in an orderly way, and removes its folder where that is its own. */
  async dispose(): Promise<void> {
    await this.kill('SIGTERM');
    if (this.ownsFolder) await rm(this.dataFolder, { recursive: true, force: true });
  }

  private async isReady(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/readyz`);
      return response.ok;
    } catch {
      return false;
    }
  }
}
