import type { Session } from '@natter/protocol';
import { createGroups, createPairs, registerAccounts } from './accounts.js';
import type { Configuration, Figures, IdleComparison, LatencyAtRate } from './figures.js';
import type { FoundSettings } from './found-settings.js';
import type { LatencyFigures, Room } from './generator/contract.js';
import { describeHost, type Host, measureFlush } from './host.js';
import type { Options } from './options.js';
import type { Scenario } from './plan.js';
import { INSPECTABLE } from './processes/inspector.js';
import type { Resources } from './processes/resources.js';
import { say } from './progress.js';
import { type BaselinesFigures, runBaselines } from './scenarios/baselines.js';
import { type DurableFigures, DurableScenario } from './scenarios/durable.js';
import { type GroupFigures, runGroups } from './scenarios/groups.js';
import { type GrowthFigures, runGrowth } from './scenarios/growth.js';
import { type IdleFigures, runIdle } from './scenarios/idle.js';
import { type LoginsFigures, runLogins } from './scenarios/logins.js';
import { type ReadsFigures, runReads } from './scenarios/reads.js';
import { runStorm, type StormsFigures } from './scenarios/storm.js';
import { type NatterStage, Stage } from './stage.js';
import { spreadOf } from './statistics.js';

/** Pairs that talk. As many again have an account and an empty chat, for the idle connections and the logins. */
const PAIRS = 50;
const BODY_BYTES = 200;
const LATENCY_WARM_UP_MS = 2000;
/** Files that a process has open beside its connections, generously. */
const OTHER_FILES = 200;

type Measured = Omit<
  Figures,
  'host' | 'placement' | 'priority' | 'configuration' | 'found' | 'seconds'
>;

class Run {
  readonly configuration: Configuration;
  /** Accounts that there are; the next has this number. */
  private registered = 0;
  private readonly crowd: Session[] = [];
  found: FoundSettings | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly options: Options,
    host: Host,
  ) {
    const idle = this.wants('idle');
    this.configuration = {
      pairs: PAIRS,
      bodyBytes: BODY_BYTES,
      outstanding: options.outstanding,
      rawOutstanding: options.rawOutstanding,
      rateLimits: options.rateLimits,
      idleUsers: idle ? PAIRS * 4 : 0,
      idleConnections: idle ? Math.min(options.connections, host.openFiles - OTHER_FILES) : 0,
    };
  }

  async run(): Promise<Measured> {
    const loaded = this.wants('durable', 'latency', 'baselines', 'groups', 'idle', 'logins')
      ? await this.runWithPairs()
      : {};
    const reads = this.wants('reads') ? await this.runReads() : undefined;
    const storm = this.wants('storm') ? await this.runStorm() : undefined;
    const growth = this.wants('growth') ? await this.runGrowth() : undefined;
    return { ...loaded, reads, storm, growth };
  }

  private wants(...scenarios: readonly Scenario[]): boolean {
    return scenarios.some((scenario) => this.options.scenarios.includes(scenario));
  }

  private async register(url: string, count: number): Promise<Session[]> {
    say(`registering ${count} users`);
    const sessions = await registerAccounts(url, count, this.registered);
    this.registered += count;
    this.found ??= await this.stage.findSettings(url, sessions);
    return sessions;
  }

  /** People who share groups; the same ones each time. */
  private async crowdOf(url: string, count: number): Promise<readonly Session[]> {
    const missing = count - this.crowd.length;
    if (missing > 0) this.crowd.push(...(await this.register(url, missing)));
    return this.crowd.slice(0, count);
  }

  private async runWithPairs(): Promise<Omit<Measured, 'reads' | 'storm' | 'growth'>> {
    const { profileFile } = this.options;
    say('starting the servers');
    const natter = await this.stage.startNatter(profileFile === undefined ? [] : [INSPECTABLE]);
    const pairAccounts = this.wants('idle', 'logins') ? PAIRS * 4 : PAIRS * 2;
    const pairs = await createPairs(natter.url, await this.register(natter.url, pairAccounts));
    const loaded = await this.runPairs(natter, pairs.slice(0, PAIRS));
    const groups = this.wants('groups') ? await this.runGroups(natter) : undefined;
    await natter.child.end();
    const logins = this.wants('logins') ? await this.runLogins(pairs) : undefined;
    const idle = this.wants('idle') ? await this.runIdle(pairs) : undefined;
    return { ...loaded, groups, logins, idle };
  }

  private async runPairs(
    natter: NatterStage,
    rooms: readonly Room[],
  ): Promise<Pick<Measured, 'durable' | 'latency' | 'baselines' | 'verification'>> {
    const { generator } = this.stage;
    if (!this.wants('durable', 'latency', 'baselines')) return {};
    await this.openPairs('natter', natter.url, rooms);
    // The latencies first: behind hundreds of thousands of messages, PostgreSQL vacuums and writes checkpoints beside them.
    const latency = this.wants('latency') ? await this.runLatency(natter) : undefined;
    const durable = this.wants('durable') ? await this.runDurable(natter, rooms) : undefined;
    const baselines = this.wants('baselines') ? await this.runBaselines(natter, rooms) : undefined;
    say('reading back what was acknowledged');
    const verification = await generator.call('verify', { url: natter.url });
    await generator.call('closeRooms', { target: 'natter' });
    return { durable, latency, baselines, verification };
  }

  private async runDurable(natter: NatterStage, rooms: readonly Room[]): Promise<DurableFigures> {
    const rawEcho = await this.stage.startRaw('echo');
    await this.openPairs('raw', rawEcho.url, rooms);
    const figures = await new DurableScenario(this.stage, natter, rawEcho, this.options).run();
    await this.stage.generator.call('closeRooms', { target: 'raw' });
    await rawEcho.child.end();
    return figures;
  }

  private async openPairs(
    target: 'natter' | 'raw',
    url: string,
    rooms: readonly Room[],
  ): Promise<void> {
    const delivers = target === 'natter';
    const input = { target, url, rooms, bodyBytes: BODY_BYTES, delivers };
    await this.stage.generator.call('openRooms', input);
  }

  private async runLatency(natter: NatterStage): Promise<LatencyAtRate[]> {
    const { latencyRates, latencyRepetitions } = this.options.plan;
    const measured: LatencyAtRate[] = [];
    for (const ratePerSecond of latencyRates) {
      say(`latency at ${ratePerSecond} messages a second`);
      const repetitions: LatencyAtRate['repetitions'][number][] = [];
      while (repetitions.length < latencyRepetitions) {
        const flush = measureFlush(this.stage.folder);
        repetitions.push({ flush, ...(await this.sendPaced(natter, ratePerSecond)) });
      }
      measured.push({ ratePerSecond, repetitions });
    }
    return measured;
  }

  private sendPaced(natter: NatterStage, ratePerSecond: number): Promise<LatencyFigures> {
    return this.stage.load(natter, LATENCY_WARM_UP_MS, () =>
      this.stage.generator.call('pacedLoop', {
        target: 'natter',
        ratePerSecond,
        warmUpMs: LATENCY_WARM_UP_MS,
        measureMs: this.options.plan.latencyMs,
      }),
    );
  }

  private runBaselines(natter: NatterStage, rooms: readonly Room[]): Promise<BaselinesFigures> {
    const { outstanding, repetitions, plan } = this.options;
    return runBaselines(this.stage, natter, {
      rooms,
      bodyBytes: BODY_BYTES,
      outstanding,
      repetitions,
      measureMs: plan.baselineMs,
    });
  }

  private async runGroups(natter: NatterStage): Promise<GroupFigures[]> {
    const { plan, repetitions } = this.options;
    const needed = Math.max(...plan.groups.map(({ members, groups }) => members * groups));
    const sessions = await this.crowdOf(natter.url, needed);
    const figures: GroupFigures[] = [];
    for (const load of plan.groups) {
      const members = sessions.slice(0, load.members * load.groups);
      const rooms = await createGroups(natter.url, members, load.members);
      const options = { load, rooms, repetitions, bodyBytes: BODY_BYTES };
      figures.push(await runGroups(this.stage, natter, options));
    }
    return figures;
  }

  private runLogins(pairs: readonly Room[]): Promise<LoginsFigures> {
    return runLogins(this.stage, pairs.slice(PAIRS), {
      accounts: pairs.length * 2,
      rounds: this.options.repetitions,
      bodyBytes: BODY_BYTES,
    });
  }

  private async runReads(): Promise<ReadsFigures> {
    const { plan, repetitions } = this.options;
    const register = (url: string, count: number) => this.register(url, count);
    return runReads(this.stage, { register, repetitions, measureMs: plan.readMs });
  }

  private runStorm(): Promise<StormsFigures> {
    const { plan, repetitions } = this.options;
    const crowdOf = (url: string, count: number) => this.crowdOf(url, count);
    return runStorm(this.stage, { crowdOf, repetitions, clients: plan.stormClients });
  }

  private runGrowth(): Promise<GrowthFigures> {
    const { plan, repetitions, outstanding } = this.options;
    return runGrowth(this.stage, {
      register: (url, count) => this.register(url, count),
      crowdOf: (url, count) => this.crowdOf(url, count),
      sizes: plan.growthSizes,
      groups: plan.growthGroups,
      pairs: PAIRS,
      bodyBytes: BODY_BYTES,
      outstanding,
      repetitions,
      measureMs: plan.readMs,
    });
  }

  private async runIdle(pairs: readonly Room[]): Promise<IdleComparison> {
    const { idleConnections } = this.configuration;
    const tokens = pairs.flatMap((pair) => pair.tokens);
    const [own, bare] = [new Array<IdleFigures>(), new Array<IdleFigures>()];
    while (bare.length < this.options.plan.idleRepetitions) {
      say(`${idleConnections} idle connections`);
      const natter = await this.stage.startNatter([INSPECTABLE]);
      own.push(await runIdle(this.stage.generator, natter, tokens, idleConnections));
      await natter.child.end();
      const raw = await this.stage.startRaw('echo', [INSPECTABLE]);
      bare.push(await runIdle(this.stage.generator, raw, tokens, idleConnections));
      await raw.child.end();
    }
    const ratio = spreadOf(
      own.map(
        (figures, index) => figures.bytesPerConnection / (bare[index]?.bytesPerConnection ?? 0),
      ),
    );
    return { natter: own, raw: bare, ratio };
  }
}

/** Runs the wanted scenarios. Whatever it starts is handed to `resources`. */
export async function run(
  options: Options,
  folder: string,
  resources: Resources,
): Promise<Figures> {
  const startMs = performance.now();
  const host = await describeHost(folder);
  const stage = await Stage.prepare(folder, options, resources);
  const run = new Run(stage, options, host);
  const figures = await run.run();
  return {
    host,
    placement: stage.placement,
    priority: stage.priorityNote,
    configuration: run.configuration,
    found: run.found,
    ...figures,
    seconds: (performance.now() - startMs) / 1000,
  };
}
