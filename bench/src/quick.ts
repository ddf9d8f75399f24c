import { createPairs } from './accounts.js';
import type { LatencyFigures, Pair, Verification } from './generator/contract.js';
import { describeHost, type DiskFlush, type Host, measureFlush } from './host.js';
import type { Options } from './options.js';
import { INSPECTABLE } from './processes/inspector.js';
import type { Placement } from './processes/placement.js';
import type { Resources } from './processes/resources.js';
import { say } from './progress.js';
import { type DurableFigures, DurableScenario } from './scenarios/durable.js';
import { type IdleFigures, runIdle } from './scenarios/idle.js';
import { type LoginsFigures, runLogins } from './scenarios/logins.js';
import { type NatterStage, Stage } from './stage.js';

/** Pairs that talk. As many again have an account and an empty chat, for the idle connections and the logins. */
const PAIRS = 50;
const BODY_BYTES = 200;
const LATENCY_RATE = 1000;
const LATENCY_WARM_UP_MS = 2000;
const LATENCY_MS = 8000;
/** Files that a process has open beside its connections, generously. */
const OTHER_FILES = 200;

export interface Configuration {
  readonly pairs: number;
  readonly bodyBytes: number;
  readonly outstanding: number;
  readonly rawOutstanding: number;
  readonly rateLimits: 'on' | 'off';
  readonly latencyRate: number;
  readonly idleUsers: number;
  readonly idleConnections: number;
}

/** All that a run found; scenarios that were not asked for are absent. */
export interface QuickFigures {
  readonly host: Host;
  readonly placement: Placement;
  /** How what is measured stands to the other work of the machine. */
  readonly priority: string;
  readonly configuration: Configuration;
  readonly durable?: DurableFigures | undefined;
  /** Just before the latency was measured. */
  readonly flush?: DiskFlush | undefined;
  readonly latency?: LatencyFigures | undefined;
  /** Absent where nothing was sent. */
  readonly verification?: Verification | undefined;
  readonly logins?: LoginsFigures | undefined;
  readonly idle?: { readonly natter: IdleFigures; readonly raw: IdleFigures } | undefined;
  readonly seconds: number;
}

type Loaded = Pick<QuickFigures, 'durable' | 'flush' | 'latency' | 'verification'>;

class QuickRun {
  readonly configuration: Configuration;

  constructor(
    private readonly stage: Stage,
    private readonly options: Options,
    host: Host,
  ) {
    const idle = options.scenarios.includes('idle');
    this.configuration = {
      pairs: PAIRS,
      bodyBytes: BODY_BYTES,
      outstanding: options.outstanding,
      rawOutstanding: options.rawOutstanding,
      rateLimits: options.rateLimits,
      latencyRate: LATENCY_RATE,
      idleUsers: idle ? PAIRS * 4 : 0,
      idleConnections: idle ? Math.min(options.connections, host.openFiles - OTHER_FILES) : 0,
    };
  }

  async run(): Promise<Loaded & Pick<QuickFigures, 'logins' | 'idle'>> {
    const { scenarios, profileFile } = this.options;
    say('starting the servers');
    const natter = await this.stage.startNatter(profileFile === undefined ? [] : [INSPECTABLE]);
    const needsMore = scenarios.includes('idle') || scenarios.includes('logins');
    const pairCount = needsMore ? PAIRS * 2 : PAIRS;
    say(`registering ${pairCount * 2} users`);
    const pairs = await createPairs(natter.url, pairCount);
    const loaded = await this.runLoads(natter, pairs.slice(0, PAIRS));
    await natter.child.end();
    const logins = scenarios.includes('logins') ? await this.runLogins(pairs) : undefined;
    const idle = scenarios.includes('idle') ? await this.runIdle(pairs) : undefined;
    return { ...loaded, logins, idle };
  }

  private async runLoads(natter: NatterStage, pairs: readonly Pair[]): Promise<Loaded> {
    const { generator } = this.stage;
    const { scenarios } = this.options;
    const wantsDurable = scenarios.includes('durable');
    const wantsLatency = scenarios.includes('latency');
    if (!wantsDurable && !wantsLatency) return {};
    const { url } = natter;
    await generator.call('openPairs', { target: 'natter', url, pairs, bodyBytes: BODY_BYTES });
    const durable = wantsDurable ? await this.runDurable(natter, pairs) : undefined;
    const latency = wantsLatency ? await this.runLatency(natter) : {};
    say('reading back what was acknowledged');
    const verification = await generator.call('verify', { url });
    await generator.call('closePairs', { target: 'natter' });
    return { durable, ...latency, verification };
  }

  private async runDurable(natter: NatterStage, pairs: readonly Pair[]): Promise<DurableFigures> {
    const { generator } = this.stage;
    const rawEcho = await this.stage.startRawEcho([]);
    const { url } = rawEcho;
    await generator.call('openPairs', { target: 'raw', url, pairs, bodyBytes: BODY_BYTES });
    const figures = await new DurableScenario(this.stage, natter, rawEcho, this.options).run();
    await generator.call('closePairs', { target: 'raw' });
    await rawEcho.child.end();
    return figures;
  }

  private async runLatency(
    natter: NatterStage,
  ): Promise<Required<Pick<QuickFigures, 'flush' | 'latency'>>> {
    say(`latency at ${LATENCY_RATE} messages a second`);
    const flush = measureFlush(this.stage.folder);
    const latency = await this.stage.load(natter, LATENCY_WARM_UP_MS, () =>
      this.stage.generator.call('pacedLoop', {
        target: 'natter',
        ratePerSecond: LATENCY_RATE,
        warmUpMs: LATENCY_WARM_UP_MS,
        measureMs: LATENCY_MS,
      }),
    );
    return { flush, latency };
  }

  private runLogins(pairs: readonly Pair[]): Promise<LoginsFigures> {
    return runLogins(this.stage, pairs.slice(PAIRS), {
      accounts: pairs.length * 2,
      rounds: this.options.repetitions,
      bodyBytes: BODY_BYTES,
    });
  }

  /** On fresh servers, one after the other. */
  private async runIdle(pairs: readonly Pair[]): Promise<QuickFigures['idle']> {
    const { idleConnections } = this.configuration;
    say(`${idleConnections} idle connections`);
    const tokens = pairs.flatMap((pair) => pair.tokens);
    const natter = await this.stage.startNatter([INSPECTABLE]);
    const own = await runIdle(this.stage.generator, natter, tokens, idleConnections);
    await natter.child.end();
    const rawEcho = await this.stage.startRawEcho([INSPECTABLE]);
    const raw = await runIdle(this.stage.generator, rawEcho, tokens, idleConnections);
    await rawEcho.child.end();
    return { natter: own, raw };
  }
}

/** Runs the wanted scenarios. Whatever it starts is handed to `resources`. */
export async function runQuick(
  options: Options,
  folder: string,
  resources: Resources,
): Promise<QuickFigures> {
  const startMs = performance.now();
  const host = await describeHost(folder);
  const stage = await Stage.prepare(folder, options, resources);
  const run = new QuickRun(stage, options, host);
  const figures = await run.run();
  return {
    host,
    placement: stage.placement,
    priority: stage.priorityNote,
    configuration: run.configuration,
    ...figures,
    seconds: (performance.now() - startMs) / 1000,
  };
}
