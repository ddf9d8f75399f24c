import { join } from 'node:path';
import type { Session } from '@natter/protocol';
import type pg from 'pg';
import { findSettings, type FoundSettings } from './found-settings.js';
import type { Options } from './options.js';
import { Generator } from './processes/generator.js';
import {
  type MeasuredServer,
  type NatterOptions,
  startBaseline,
  startNatter,
} from './processes/measured-server.js';
import { choosePlacement, type Placement } from './processes/placement.js';
import { endPostgresAfterRun, Postgres } from './processes/postgres.js';
import { raisePriority } from './processes/priority.js';
import { affinitiesOf } from './processes/proc.js';
import type { Resources } from './processes/resources.js';

/** The cores on which the threads of each process really may run, as the kernel says. */
export interface Affinities {
  readonly generator: string;
  readonly natter: string;
  readonly rawEcho: string;
  readonly database: string;
  readonly databaseProcesses: number;
}

/** A running Natter and the database behind it. */
export interface NatterStage extends MeasuredServer {
  readonly postgres: Postgres | undefined;
}

/** `placed`: each process on the core that it has in this run. `free`: on all cores that we may use. */
export type Cores = 'placed' | 'free';

/** Where every scenario plays: the processes, each in its place, and what they need. */
export class Stage {
  private readonly natterOptions: NatterOptions;
  private readonly priority: boolean;
  private refusedPriority = false;
  /** The one that was started last. */
  private natter: MeasuredServer | undefined;

  private constructor(
    readonly folder: string,
    readonly placement: Placement,
    readonly generator: Generator,
    private readonly resources: Resources,
    { rateLimits, priority, plan }: Options,
  ) {
    const dataFolder = join(folder, 'data');
    const core = placement.cores?.server;
    const settings = plan.serverSettings;
    this.natterOptions = { folder, dataFolder, core, rateLimits, settings };
    this.priority = priority;
    endPostgresAfterRun(dataFolder, resources);
    this.raise([generator.processId]);
  }

  /** How what is measured stands to the other work of the machine. */
  get priorityNote(): string {
    if (!this.priority) return 'as other work';
    return this.refusedPriority ? 'to be raised, but that was refused' : 'above other work';
  }

  static async prepare(folder: string, options: Options, resources: Resources): Promise<Stage> {
    const placement = choosePlacement(options);
    const generator = await Generator.start(folder, placement.cores?.generator, resources);
    return new Stage(folder, placement, generator, resources, options);
  }

  /**
   * Starts Natter on this run's data. Its database inherits the server's cores; from a single one it is moved to the
   * generator's.
   */
  async startNatter(nodeOptions: readonly string[], cores: Cores = 'placed'): Promise<NatterStage> {
    const core = cores === 'placed' ? this.natterOptions.core : undefined;
    const server = await startNatter({ ...this.natterOptions, core, nodeOptions }, this.resources);
    const postgres = Postgres.find(this.natterOptions.dataFolder);
    if (cores === 'placed' && this.placement.cores) postgres?.pin(this.placement.cores.generator);
    this.raise([server.child.processId]);
    this.natter = server;
    return { ...server, postgres };
  }

  /** Starts a baseline that uses Natter's PostgreSQL, in the place of Natter. */
  async startOnDatabase(
    name: string,
    { postgres }: NatterStage,
    database: string,
  ): Promise<MeasuredServer> {
    if (!postgres) throw new Error(`Unable to start ${name}; the database was not found`);
    const { folder, core } = this.natterOptions;
    const parameters = postgres.addressOf(database);
    const server = await startBaseline(name, { folder, core, parameters }, this.resources);
    this.raise([server.child.processId]);
    return server;
  }

  /**
   * How the running Natter is.
   *
   * @param people Two of those who are registered.
   */
  async findSettings(url: string, people: readonly Session[]): Promise<FoundSettings> {
    const postgres = Postgres.find(this.natterOptions.dataFolder);
    if (!postgres || !this.natter) throw new Error('Unable to find settings; Natter does not run');
    const client = await postgres.connect();
    try {
      return await findSettings(url, this.natter.child.processId, people, client);
    } finally {
      await client.end();
    }
  }

  /** A connection to a server's own database, which whoever asks for it ends. */
  async connectDatabase({ postgres }: NatterStage): Promise<pg.Client> {
    if (!postgres) throw new Error('Unable to reach the database; it was not found');
    return postgres.connect();
  }

  /** Until the server is started anew, the database is not kept to its place for those who connect to it. */
  freeDatabase({ postgres }: NatterStage): void {
    const { cores } = this.placement;
    if (cores) postgres?.free([cores.generator, cores.server]);
  }

  /** Another generator, free on all cores, that has sent nothing yet. */
  async startFreeGenerator(): Promise<Generator> {
    const generator = await Generator.start(this.folder, undefined, this.resources);
    this.raise([generator.processId]);
    return generator;
  }

  /** Starts bare Socket.IO, in the place of Natter. */
  async startRaw(
    kind: 'echo' | 'broadcast',
    nodeOptions: readonly string[] = [],
  ): Promise<MeasuredServer> {
    const { folder, core } = this.natterOptions;
    const server = await startBaseline(
      `raw-${kind}`,
      { folder, core, nodeOptions },
      this.resources,
    );
    this.raise([server.child.processId]);
    return server;
  }

  /** Loads a server; where wanted, all processes of its database have their priority before the measuring begins. */
  async load<T>(
    { postgres }: { readonly postgres?: Postgres | undefined },
    warmUpMs: number,
    work: () => Promise<T>,
  ): Promise<T> {
    // By then the server has opened the connections that it opens under load.
    const timer = setTimeout(() => this.raise(postgres?.processIds() ?? []), warmUpMs / 2);
    return work().finally(() => clearTimeout(timer));
  }

  /** The cores as the kernel has them at this moment. */
  affinities(natter: NatterStage, rawEcho: MeasuredServer): Affinities {
    return {
      generator: affinitiesOf(this.generator.processId).join(' and '),
      natter: affinitiesOf(natter.child.processId).join(' and '),
      rawEcho: affinitiesOf(rawEcho.child.processId).join(' and '),
      database: natter.postgres?.affinities().join(' and ') ?? 'not found',
      databaseProcesses: natter.postgres?.processIds().length ?? 0,
    };
  }

  private raise(processIds: readonly number[]): void {
    if (this.priority && !raisePriority(processIds)) this.refusedPriority = true;
  }
}
