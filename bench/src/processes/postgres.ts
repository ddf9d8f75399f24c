import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { moveToCores } from './placement.js';
import { affinitiesOf, allProcesses, childrenOf, commandOf } from './proc.js';
import type { Resources } from './resources.js';

/** The names that the embedded PostgreSQL has for its user and its database. */
const NAME = 'natter';
const END_TIMEOUT_MS = 15_000;
const POLL_MS = 100;
const MOVES = 5;

/** Lines of `postmaster.pid`, as PostgreSQL documents them. */
const PID_LINE = 0;
const PORT_LINE = 3;
const SOCKET_FOLDER_LINE = 4;

/** Empty where the process is gone. */
function affinityOf(processId: number): string {
  try {
    return affinitiesOf(processId).join('+');
  } catch {
    return '';
  }
}

/** The embedded database's processes, seen from outside. */
export class Postgres {
  private constructor(
    private readonly cluster: string,
    /** Of its main process. */
    readonly processId: number,
    private readonly socketFolder: string,
    private readonly port: number,
  ) {}

  /** The PostgreSQL that runs on a data folder; `undefined` where none does. */
  static find(dataFolder: string): Postgres | undefined {
    try {
      const cluster = realpathSync(join(dataFolder, 'postgres'));
      const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
      const folder = lines[SOCKET_FOLDER_LINE] ?? '';
      const postgres = new Postgres(
        cluster,
        Number(lines[PID_LINE]),
        folder,
        Number(lines[PORT_LINE]),
      );
      return postgres.isRunning() ? postgres : undefined;
    } catch {
      return undefined;
    }
  }

  /** All its processes as they are now. */
  processIds(): number[] {
    return [this.processId, ...childrenOf(this.processId)];
  }

  /** Puts all its processes on a core; later ones inherit it. Repeated, because one may be starting meanwhile. */
  pin(core: number): void {
    for (let move = 0; move < MOVES; move += 1) {
      const elsewhere = this.processIds().filter((id) => affinityOf(id) !== String(core));
      if (elsewhere.length === 0) return;
      for (const processId of elsewhere) moveToCores([core], processId);
    }
  }

  /** Lets what it does for those who connect from now on run on all these cores. */
  free(cores: readonly number[]): void {
    moveToCores(cores, this.processId);
  }

  /** The cores of all its processes as they are now; each answer once. */
  affinities(): string[] {
    return [...new Set(this.processIds().map(affinityOf))].filter((cores) => cores !== '');
  }

  /** Transactions committed so far, by its own statistics; `undefined` where it cannot be asked. */
  async committed(): Promise<number | undefined> {
    if (this.socketFolder === '') return undefined;
    const client = this.client();
    try {
      await client.connect();
      const { rows } = await client.query<{ committed: string }>(
        'select xact_commit as committed from pg_stat_database where datname = current_database()',
      );
      return rows[0] && Number(rows[0].committed);
    } catch {
      return undefined;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** What a program needs to connect: host, port, user and database. */
  addressOf(database: string): readonly string[] {
    return [this.socketFolder, String(this.port), NAME, database];
  }

  /** A connection to it, which whoever asks for it ends. */
  async connect(database = NAME): Promise<pg.Client> {
    const client = this.client(database);
    await client.connect();
    return client;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.isRunning()) process.kill(this.processId, signal);
  }

  /** Asks it to end, and makes it after 15 s. */
  async end(): Promise<void> {
    this.signal('SIGINT');
    const deadline = performance.now() + END_TIMEOUT_MS;
    while (this.isRunning() && performance.now() < deadline) await wait(POLL_MS);
    this.signal('SIGQUIT');
    while (this.isRunning()) await wait(POLL_MS);
  }

  private client(database = NAME): pg.Client {
    const client = new pg.Client({
      host: this.socketFolder,
      port: this.port,
      user: NAME,
      database,
    });
    client.on('error', () => undefined);
    return client;
  }

  /** By its command line, since its process id may be another's by now. */
  private isRunning(): boolean {
    return commandOf(this.processId).includes(this.cluster);
  }
}

/** A PostgreSQL that does not run yet: the making of its cluster, which a server that dies at its start leaves behind. */
async function endMaking(dataFolder: string): Promise<void> {
  const namesFolder = (processId: number): boolean =>
    commandOf(processId).some((word) => word.includes(`${dataFolder}/`));
  for (;;) {
    const making = allProcesses().filter(namesFolder);
    if (making.length === 0) return;
    for (const processId of making) endNow(processId);
    await wait(POLL_MS);
  }
}

/** Leaves alone a process that has ended meanwhile. */
function endNow(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // It is gone, which is what was wanted.
  }
}

/** Ends the PostgreSQL of a data folder where its server dies without doing so. Call it before the server is started. */
export function endPostgresAfterRun(dataFolder: string, resources: Resources): void {
  resources.add(dataFolder, {
    release: async () => {
      await Postgres.find(dataFolder)?.end();
      await endMaking(dataFolder);
    },
    atExit: () => Postgres.find(dataFolder)?.signal('SIGQUIT'),
  });
}
