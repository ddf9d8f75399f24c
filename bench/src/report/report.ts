import type { Figures } from '../figures.js';
import { describeBaselines, isTutorialStored } from './baselines.js';
import { describeGrowth, isGrowthValid } from './growth.js';
import { describeIdle } from './idle.js';
import { describeLatency } from './latency.js';
import { describeDurable, describeGroups } from './loads.js';
import { describeLogins } from './logins.js';
import { isDelivered, isStored, storedLine, whole } from './parts.js';
import { wrongAnswersOf } from '../reads/measurement.js';
import { describeReads } from './reads.js';
import { describeSetting } from './setting.js';
import { describeStorm, isCaughtUp } from './storm.js';

/** Whether the figures may be quoted. */
export function isValid(figures: Figures): boolean {
  const { durable, baselines, verification, groups = [], reads, storm, logins, growth } = figures;
  const verifications = [verification, logins?.verification].concat(
    groups.map((load) => load.verification),
  );
  const totals = [durable?.total, baselines?.total, logins?.total].concat(
    groups.map(({ total }) => total),
  );
  return (
    verifications.every((found) => !found || isStored(found)) &&
    totals.every((total) => !total || isDelivered(total)) &&
    (!reads || wrongAnswersOf(reads.measurements).length === 0) &&
    (!storm || isCaughtUp(storm)) &&
    (!baselines || isTutorialStored(baselines)) &&
    (!growth || isGrowthValid(growth))
  );
}

/** The figures as people read them. */
export function report(figures: Figures): string {
  const { durable, latency, baselines, verification, groups = [], configuration } = figures;
  const { reads, storm, logins, idle, growth } = figures;
  return (
    `\nNatter benchmark, ${whole(figures.seconds)} s\n` +
    describeSetting(figures) +
    (durable ? describeDurable(durable, verification) : '') +
    (latency ? describeLatency(latency, verification) : '') +
    (baselines ? describeBaselines(baselines) + storedLine(verification) : '') +
    groups.map(describeGroups).join('') +
    (reads ? describeReads(reads) : '') +
    (storm ? describeStorm(storm) : '') +
    (logins ? describeLogins(logins) : '') +
    (idle ? describeIdle(idle, configuration.idleUsers) : '') +
    (growth ? describeGrowth(growth) : '')
  );
}
