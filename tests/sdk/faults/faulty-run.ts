import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FaultProxy, type Faults, noFaults, type TestServer } from '@natter/testing';
import { randomFrom } from '../../contract/state/followers.js';
import { Actor, type Make, type Patience, settled } from './actor.js';
import { judge } from './judge.js';
import { act, change, disturb, pick } from './steps.js';

const STEPS = 40;
const PATIENCE: Patience = { timeout: 30_000, interval: 50 };

/** What goes wrong in a run, by its seed: some have much of one thing. */
function faultsOf(random: () => number): Faults {
  return {
    cut: random() * 0.06,
    double: random() * 0.3,
    shuffle: random() * 0.4,
    delayMs: random() * 8,
  };
}

export interface FaultyRun {
  readonly server: TestServer;
  readonly seed: number;
  /** Makes a client, for those that are broken on purpose. */
  readonly make?: Make;
  /** In place of what the seed says. */
  readonly faults?: Partial<Faults>;
  readonly patience?: Patience;
}

/** What went wrong on the way, and what came of the uploads. */
export type Counts = FaultProxy['counts'] & Actor['uploads'];

export function sumOf(counts: readonly Counts[]): Counts {
  return counts.reduce((sum, run) => ({
    cut: sum.cut + run.cut,
    doubled: sum.doubled + run.doubled,
    shuffled: sum.shuffled + run.shuffled,
    begun: sum.begun + run.begun,
    resumed: sum.resumed + run.resumed,
    broken: sum.broken + run.broken,
  }));
}

/**
 * Three users who write, send files, change and leave while the way to the server breaks; then it is mended, and all must
 * be well.
 */
export async function faultyRun({
  server,
  seed,
  make,
  faults,
  patience = PATIENCE,
}: FaultyRun): Promise<Counts> {
  const random = randomFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'natter-faults-'));
  const cast = { server, make, patience, folder };
  const actors: Actor[] = [];
  const enter = async (): Promise<Actor> => {
    const actor = await Actor.enter(cast, random);
    actors.push(actor);
    return actor;
  };
  try {
    const [anna, ben, cleo] = [await enter(), await enter(), await enter()];
    await anna.user.group([ben.user, cleo.user]);
    await anna.user.direct(ben.user);
    const weather = { ...faultsOf(random), ...faults };
    for (const { proxy } of actors) proxy.faults = weather;
    for (let step = 0; step < STEPS; step += 1) {
      const actor = pick(random, actors) ?? anna;
      if (random() < 0.15) change(actor, random, step);
      else await act(actor, actors, random, step);
      await disturb(actor, random);
    }
    for (const { proxy, client } of actors) {
      proxy.faults = noFaults;
      client.connect();
    }
    for (const actor of actors) await settled(actor, patience);
    for (const actor of actors) {
      await judge(actor, `seed ${seed}, ${actor.user.session.user.username}`, patience);
    }
    return sumOf(actors.map(({ proxy, uploads }) => ({ ...proxy.counts, ...uploads })));
  } finally {
    for (const { client, proxy } of actors) {
      client.disconnect();
      await proxy.stop();
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
