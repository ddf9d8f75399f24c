import type { Figures } from './figures.js';
import { type Spread, spreadOf } from './statistics.js';

/** A ratio that we want to keep: a rate alone says more about the machine than about the server. */
interface Goal {
  readonly name: string;
  readonly better: 'more' | 'less';
  /** Where a run fails, when the ratio is beyond it by more than its own noise. */
  readonly floor: number;
  /** What we aim for, and what is published. */
  readonly target: number;
  readonly reason: string;
  /** Absent where it was not measured. */
  readonly ratioIn: (figures: Figures) => Spread | undefined;
}

function groupsOf(members: number): Goal['ratioIn'] {
  return ({ groups = [] }) => groups.find((load) => load.members === members)?.ratio;
}

/** All floors, each with its reason. Who changes one says in the commit what was measured. */
const goals: readonly Goal[] = [
  {
    name: 'durable 1:1 per server core, of raw Socket.IO echo',
    better: 'more',
    floor: 0.13,
    target: 0.22,
    reason:
      'Raw echo does about 68,000 messages per core on the machine of the first measurements, and three times an XMPP server that archives in PostgreSQL is 9,000; the target is 15,000.',
    ratioIn: ({ durable }) => durable?.ratio,
  },
  {
    name: 'deliveries in a group of 10 per server core, of raw broadcast',
    better: 'more',
    floor: 0.35,
    target: 0.6,
    reason:
      'An awaited INSERT for each message gives 0.38. In small groups the marks of senders are told as well, which is not counted.',
    ratioIn: groupsOf(10),
  },
  {
    name: 'deliveries in a group of 100 per server core, of raw broadcast',
    better: 'more',
    floor: 0.5,
    target: 0.65,
    reason: 'Storing must not cost more than delivering; a service with an ORM gives 0.45.',
    ratioIn: groupsOf(100),
  },
  {
    name: 'deliveries in a group of 1,000 per server core, of raw broadcast',
    better: 'more',
    floor: 0.6,
    target: 0.75,
    reason: 'Here nearly all work is writing to sockets, which both do.',
    ratioIn: groupsOf(1000),
  },
  {
    name: "durable 1:1 per server core, of the tutorial's service",
    better: 'more',
    floor: 3,
    target: 5,
    reason: 'Commits together and no entities; without batches it would be about 1.',
    ratioIn: ({ baselines }) => baselines?.ratios.tutorial,
  },
  {
    name: 'durable 1:1 a second, of single-row commits by PostgreSQL alone',
    better: 'more',
    floor: 0.7,
    target: 1,
    reason: 'What a server could reach at best that commits each message by itself.',
    ratioIn: ({ baselines }) => baselines?.ratios.single,
  },
  {
    name: 'durable 1:1 a second, of 200-row commits by PostgreSQL alone',
    better: 'more',
    floor: 0.08,
    target: 0.12,
    reason: 'What the disk could take, if nothing but inserting were to be done.',
    ratioIn: ({ baselines }) => baselines?.ratios.batch,
  },
  {
    name: 'memory of an idle connection, of raw Socket.IO',
    better: 'less',
    floor: 1.6,
    target: 1.3,
    reason:
      'Identity, memberships and rates of a connection should stay small beside Socket.IO itself.',
    ratioIn: ({ idle }) => idle?.ratio,
  },
  {
    name: 'sessions set up per server core, of raw Socket.IO',
    better: 'more',
    floor: 0.15,
    target: 0.5,
    reason: 'The floor is what is held today; the target is above an XMPP server with plain SASL.',
    ratioIn: ({ idle }) =>
      idle &&
      spreadOf(
        idle.natter.map(
          ({ connectsPerCpuSecond }, index) =>
            connectsPerCpuSecond / (idle.raw[index]?.connectsPerCpuSecond ?? 0),
        ),
      ),
  },
  {
    name: 'p99 of acknowledgements while 50 people a second log in, of without',
    better: 'less',
    floor: 3,
    target: 1.5,
    reason: 'Hashing passwords takes whole cores; sends should hardly notice.',
    ratioIn: ({ logins }) => logins?.ratios.acknowledgement,
  },
];

/** A goal and what came of it. */
export interface GoalResult {
  readonly name: string;
  readonly better: 'more' | 'less';
  readonly ratio: Spread;
  readonly floor: number;
  readonly target: number;
  readonly reason: string;
  /** `missed` is beyond the floor by more than the noise, `held` short of the target. */
  readonly verdict: 'reached' | 'held' | 'missed';
}

/** Half of the distance between the least and the greatest repetition. */
export function noiseOf({ min, max }: Spread): number {
  return (max - min) / 2;
}

export function judge(
  ratio: Spread,
  { better, floor, target }: Pick<Goal, 'better' | 'floor' | 'target'>,
): GoalResult['verdict'] {
  const sign = better === 'more' ? 1 : -1;
  if (sign * (ratio.median - target) >= 0) return 'reached';
  return sign * (ratio.median - floor) + noiseOf(ratio) >= 0 ? 'held' : 'missed';
}

/** Judges what a run measured; what it did not measure is left out. */
export function judgeGoals(figures: Figures): GoalResult[] {
  return goals.flatMap((goal) => {
    const ratio = goal.ratioIn(figures);
    if (!ratio) return [];
    const { name, better, floor, target, reason } = goal;
    return [{ name, better, ratio, floor, target, reason, verdict: judge(ratio, goal) }];
  });
}
