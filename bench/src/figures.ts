import type { FoundSettings } from './found-settings.js';
import type { LatencyFigures, Verification } from './generator/contract.js';
import type { DiskFlush, Host } from './host.js';
import type { Placement } from './processes/placement.js';
import type { BaselinesFigures } from './scenarios/baselines.js';
import type { DurableFigures } from './scenarios/durable.js';
import type { GroupFigures } from './scenarios/groups.js';
import type { GrowthFigures } from './scenarios/growth.js';
import type { IdleFigures } from './scenarios/idle.js';
import type { LoginsFigures } from './scenarios/logins.js';
import type { ReadsFigures } from './scenarios/reads.js';
import type { StormsFigures } from './scenarios/storm.js';
import type { Spread } from './statistics.js';

/** What was asked for. */
export interface Configuration {
  readonly pairs: number;
  readonly bodyBytes: number;
  readonly outstanding: number;
  readonly rawOutstanding: number;
  readonly rateLimits: 'on' | 'off';
  readonly idleUsers: number;
  readonly idleConnections: number;
}

/** Latency at a fixed rate; how fast the disk alone was just before each repetition. */
export interface LatencyAtRate {
  readonly ratePerSecond: number;
  readonly repetitions: readonly (LatencyFigures & { readonly flush: DiskFlush })[];
}

/** One of ours beside each of the bare ones, each on fresh servers. */
export interface IdleComparison {
  readonly natter: readonly IdleFigures[];
  readonly raw: readonly IdleFigures[];
  /** Of the memory per connection. */
  readonly ratio: Spread;
}

/** All that a run found; scenarios that were not asked for are absent. */
export interface Figures {
  readonly host: Host;
  readonly placement: Placement;
  /** How what is measured stands to the other work of the machine. */
  readonly priority: string;
  readonly configuration: Configuration;
  /** How the server was found to be. */
  readonly found?: FoundSettings | undefined;
  readonly durable?: DurableFigures | undefined;
  readonly latency?: readonly LatencyAtRate[] | undefined;
  readonly baselines?: BaselinesFigures | undefined;
  /** Of the durable load, the latencies and what was sent beside the baselines; absent where nothing was sent. */
  readonly verification?: Verification | undefined;
  readonly groups?: readonly GroupFigures[] | undefined;
  readonly reads?: ReadsFigures | undefined;
  readonly storm?: StormsFigures | undefined;
  readonly growth?: GrowthFigures | undefined;
  readonly logins?: LoginsFigures | undefined;
  readonly idle?: IdleComparison | undefined;
  readonly seconds: number;
}
