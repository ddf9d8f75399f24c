import { parseArgs } from 'node:util';
import { fullPlan, grownPlan, type Plan, quickPlan, type Scenario, scenarios } from './plan.js';

export interface Options {
  /** Whether only this usage is asked for. */
  readonly help: boolean;
  readonly plan: Plan;
  readonly scenarios: readonly Scenario[];
  readonly outstanding: number;
  readonly rawOutstanding: number;
  readonly repetitions: number;
  readonly connections: number;
  readonly rateLimits: 'on' | 'off';
  /** Whether what is measured goes before the other work of the machine. */
  readonly priority: boolean;
  /** Whether each process has a core of its own, or a share of one. */
  readonly pinned: boolean;
  /** Where the figures are written as JSON. */
  readonly jsonFile: string | undefined;
  /** Files of earlier runs, whose figures are written into the documents; then nothing is run. */
  readonly documented: readonly string[];
  /** Where a CPU profile of the server under the durable load is written. */
  readonly profileFile: string | undefined;
  /** The parent of the temporary folder. */
  readonly folder: string | undefined;
}

export const USAGE = `Usage: npm run bench -- [--quick | --grown] [options]

  --quick              ${quickPlan.scenarios.join(', ')}, in about three minutes
  --grown              reads and durable sends while other people's messages grow, and
                       messages to groups of up to 10,000 members
  --sizes N,N,N        how many messages others have by then, ascending
                       (default ${grownPlan.growthSizes.join(',')}; with --grown)
  --only SCENARIO      only this one of ${scenarios.join(', ')}; may be repeated
  --json FILE          writes all figures to a file, too
  --write-docs FILE    runs nothing, and writes what --json wrote into docs/performance.md;
                       may be repeated, for runs of other kinds
  --profile FILE       runs the durable load once more under the CPU profiler (*.cpuprofile)
  --outstanding N      messages on their way in the durable load (default 400)
  --raw-outstanding N  the same for raw Socket.IO (default 400)
  --repetitions N      of each load and its reference in turn (default 3)
  --connections N      idle ones (default ${fullPlan.idleConnections}, with --quick ${quickPlan.idleConnections})
  --rate-limits off    lifts the server's limits (default on, as npm start has them)
  --priority           lets what is measured go before other work on the machine (root)
  --unpinned           lets every process use all cores, as on an operator's machine
  --folder FOLDER      where the temporary data folder is made
  --help               shows this
`;

/** What was asked for is not there; its message says what is. */
export class UsageError extends Error {}

function isScenario(name: string): name is Scenario {
  return scenarios.some((scenario) => scenario === name);
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} takes a whole number above 0`);
  return Number(text);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        quick: { type: 'boolean', default: false },
        grown: { type: 'boolean', default: false },
        sizes: { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        'write-docs': { type: 'string', multiple: true, default: [] },
        profile: { type: 'string' },
        outstanding: { type: 'string', default: '400' },
        'raw-outstanding': { type: 'string', default: '400' },
        repetitions: { type: 'string', default: '3' },
        connections: { type: 'string' },
        'rate-limits': { type: 'string', default: 'on' },
        priority: { type: 'boolean', default: false },
        unpinned: { type: 'boolean', default: false },
        folder: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function planOf({ quick, grown, sizes }: ReturnType<typeof parse>): Plan {
  if (quick && grown) throw new UsageError('Give one of --quick and --grown');
  if (!grown) {
    if (sizes !== undefined) throw new UsageError('--sizes goes with --grown');
    return quick ? quickPlan : fullPlan;
  }
  if (sizes === undefined) return grownPlan;
  const growthSizes = sizes.split(',').map((size) => wholeNumber('sizes', size));
  if (growthSizes.some((size, index) => size <= (growthSizes[index - 1] ?? 0))) {
    throw new UsageError('--sizes takes ascending numbers');
  }
  return { ...grownPlan, growthSizes };
}

/** @throws {UsageError} where the words are not understood. */
export function readOptions(words: readonly string[]): Options {
  const values = parse(words);
  const plan = planOf(values);
  const only = values.only ?? plan.scenarios;
  const unknown = only.filter((name) => !isScenario(name));
  if (unknown.length > 0) throw new UsageError(`There is no scenario ${unknown.join(', ')}`);
  const rateLimits = values['rate-limits'];
  if (rateLimits !== 'on' && rateLimits !== 'off') {
    throw new UsageError('--rate-limits takes on or off');
  }
  return {
    help: values.help,
    plan,
    scenarios: only.filter(isScenario),
    outstanding: wholeNumber('outstanding', values.outstanding),
    rawOutstanding: wholeNumber('raw-outstanding', values['raw-outstanding']),
    repetitions: wholeNumber('repetitions', values.repetitions),
    connections: wholeNumber('connections', values.connections ?? String(plan.idleConnections)),
    rateLimits,
    priority: values.priority,
    pinned: !values.unpinned,
    jsonFile: values.json,
    documented: values['write-docs'],
    profileFile: values.profile,
    folder: values.folder,
  };
}
