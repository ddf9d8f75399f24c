import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
} from '../embedded-postgres.js';
import { thisMachine, type Machine } from '../machine.js';
import type { SystemAccount } from '../system-account.js';
import { waitUntil } from '../wait-until.js';
import { processesIn } from './processes-in.js';
import { ServerProcess } from './server-process.js';

/** Remembers the folders and processes that a test makes, and leaves none behind. */
export class Sandbox {
  /** What the databases of {@link start} logged. */
  readonly messages: string[] = [];
  readonly #folders: string[] = [];
  readonly #databases: EmbeddedPostgres[] = [];
  readonly #servers: ServerProcess[] = [];

  /** A new folder that other users may read, unless `mode` says otherwise. */
  async makeFolder(mode = 0o755): Promise<string> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'natter-test-')));
    await chmod(folder, mode);
    this.#folders.push(folder);
    return folder;
  }

  /** Starts a database in this process. */
  async start(
    dataFolder: string,
    {
      settings,
      machine,
    }: { settings?: EmbeddedPostgresOptions['settings']; machine?: Partial<Machine> } = {},
  ): Promise<EmbeddedPostgres> {
    const log = (message: string): void => {
      this.messages.push(message);
    };
    const database = await startEmbeddedPostgres(
      { dataFolder, settings, logger: { info: log, warn: log, error: log } },
      { ...thisMachine, ...machine },
    );
    this.#databases.push(database);
    return database;
  }

  /** Starts a server process with a database of its own, without waiting for it. */
  async spawnServer(dataFolder: string, account?: SystemAccount): Promise<ServerProcess> {
    const server = await ServerProcess.spawn({ dataFolder }, account);
    this.#servers.push(server);
    return server;
  }

  async clear(): Promise<void> {
    for (const server of this.#servers) await server.end('SIGKILL');
    for (const database of this.#databases) await database.stop();
    for (const folder of this.#folders) {
      await killAllIn(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
    for (const folder of this.#socketFolders()) {
      if (basename(folder).startsWith('natter-'))
        await rm(folder, { recursive: true, force: true });
    }
  }

  #socketFolders(): string[] {
    const events = this.#servers.flatMap((server) => server.events);
    return events.flatMap((event) => (event.event === 'ready' ? [event.connection.host] : []));
  }
}

async function killAllIn(folder: string): Promise<void> {
  const noneLeft = async (): Promise<boolean> => {
    const processIds = await processesIn(folder);
    for (const processId of processIds) {
      try {
        process.kill(processId, 'SIGKILL');
      } catch {
        // It ended by itself in the meantime, or is ending.
      }
    }
    return processIds.length === 0;
  };
  if (!(await waitUntil(noneLeft, { timeoutMs: 10_000 })))
    throw new Error(`processes are left in ${folder}`);
}
