import type { Scenario } from './options.js';
import type { GroupLoad } from './scenarios/groups.js';

/** How much a run measures. */
export interface Plan {
  /** What runs where nothing is named. */
  readonly scenarios: readonly Scenario[];
  readonly groups: readonly GroupLoad[];
  /** Durable messages a second at which the latency is measured. */
  readonly latencyRates: readonly number[];
  readonly latencyMs: number;
  /** For each of the baselines. */
  readonly baselineMs: number;
  /** For each kind of read and each number at once. */
  readonly readMs: number;
  /** Clients that are cut at once. */
  readonly stormClients: number;
  readonly idleConnections: number;
}

const GROUP_MS = 6000;

export const quickPlan: Plan = {
  // With all of them it would not stay below three minutes everywhere.
  scenarios: ['durable', 'latency', 'groups', 'idle'],
  groups: [{ members: 100, groups: 1, outstanding: 50, measureMs: 3000 }],
  latencyRates: [1000],
  latencyMs: 8000,
  baselineMs: 2000,
  readMs: 1000,
  stormClients: 2000,
  idleConnections: 2000,
};

export const fullPlan: Plan = {
  scenarios: ['durable', 'latency', 'baselines', 'groups', 'reads', 'storm', 'idle', 'logins'],
  // Of small groups there are many, so that nobody sends more than the rate limits let him.
  groups: [
    { members: 10, groups: 20, outstanding: 200, measureMs: GROUP_MS },
    { members: 100, groups: 1, outstanding: 50, measureMs: GROUP_MS },
    { members: 1000, groups: 1, outstanding: 10, measureMs: GROUP_MS },
  ],
  latencyRates: [1000, 5000],
  latencyMs: 10_000,
  baselineMs: 5000,
  readMs: 3000,
  stormClients: 2000,
  idleConnections: 10_000,
};
