export const scenarios = [
  'durable',
  'latency',
  'baselines',
  'groups',
  'reads',
  'storm',
  'idle',
  'logins',
  'growth',
] as const;
export type Scenario = (typeof scenarios)[number];

export const runNames = ['quick', 'full', 'grown'] as const;
export type RunName = (typeof runNames)[number];

/** Groups of one size, and how they are loaded. */
export interface GroupLoad {
  readonly members: number;
  readonly groups: number;
  /** Messages on their way over all groups; each brings a copy to all members but one. */
  readonly outstanding: number;
  readonly measureMs: number;
}

/** How much a run measures. */
export interface Plan {
  readonly name: RunName;
  /** What runs where nothing is named. */
  readonly scenarios: readonly Scenario[];
  /** For each repetition of the durable load, and of its reference. */
  readonly durableMs: number;
  readonly groups: readonly GroupLoad[];
  /** Durable messages a second at which the latency is measured. */
  readonly latencyRates: readonly number[];
  readonly latencyMs: number;
  readonly latencyRepetitions: number;
  /** For each of the baselines. */
  readonly baselineMs: number;
  /** For each kind of read and each number at once. */
  readonly readMs: number;
  /** Clients that are cut at once. */
  readonly stormClients: number;
  readonly idleConnections: number;
  /** Each on fresh servers. */
  readonly idleRepetitions: number;
  /** How many messages others have by each step of the growth. */
  readonly growthSizes: readonly number[];
  /** Groups in which it is sent and read before and after the growth. */
  readonly growthGroups: readonly GroupLoad[];
  /** The server's settings that are not as documented. */
  readonly serverSettings: Readonly<Record<string, string>>;
}

const GROUP_MS = 6000;
/** Of the growth. There are as many connections to it as it has members, and the files of a process are limited. */
const LARGEST_GROUP = 10_000;

export const quickPlan: Plan = {
  name: 'quick',
  // With all of them it would not stay below three minutes everywhere.
  scenarios: ['durable', 'latency', 'groups', 'idle'],
  durableMs: 6000,
  groups: [{ members: 100, groups: 1, outstanding: 50, measureMs: 3000 }],
  latencyRates: [1000],
  latencyMs: 8000,
  latencyRepetitions: 1,
  baselineMs: 2000,
  readMs: 1000,
  stormClients: 2000,
  idleConnections: 2000,
  idleRepetitions: 1,
  growthSizes: [],
  growthGroups: [],
  serverSettings: {},
};

export const fullPlan: Plan = {
  name: 'full',
  scenarios: ['durable', 'latency', 'baselines', 'groups', 'reads', 'storm', 'idle', 'logins'],
  durableMs: 10_000,
  // Of small groups there are many, so that nobody sends more than the rate limits let him.
  groups: [
    { members: 10, groups: 20, outstanding: 200, measureMs: GROUP_MS },
    { members: 100, groups: 1, outstanding: 50, measureMs: GROUP_MS },
    { members: 1000, groups: 1, outstanding: 10, measureMs: GROUP_MS },
  ],
  latencyRates: [1000, 5000],
  latencyMs: 10_000,
  latencyRepetitions: 3,
  baselineMs: 5000,
  readMs: 3000,
  stormClients: 2000,
  idleConnections: 10_000,
  idleRepetitions: 3,
  growthSizes: [],
  growthGroups: [],
  serverSettings: {},
};

export const grownPlan: Plan = {
  ...fullPlan,
  name: 'grown',
  scenarios: ['growth'],
  // Beside the 120,000 that the readers have.
  growthSizes: [1_000_000, 10_000_000],
  // Ten messages on their way to each group: what is sent in one turn is cheaper the more it is.
  growthGroups: [
    { members: 10, groups: 20, outstanding: 200, measureMs: GROUP_MS },
    { members: 100, groups: 5, outstanding: 50, measureMs: GROUP_MS },
    { members: 1000, groups: 1, outstanding: 10, measureMs: GROUP_MS },
    { members: LARGEST_GROUP, groups: 1, outstanding: 10, measureMs: 2 * GROUP_MS },
  ],
  serverSettings: { NATTER_MAX_GROUP_MEMBERS: String(LARGEST_GROUP) },
};
