import fc from 'fast-check';
import { type Action, runs } from './actions.js';
import { ModelRun, newcomers, type Server } from './model-run.js';
import { PINNED } from './pinned.js';

type Actions = readonly (Action | null)[];

/** Runs that go on beside each other, of people who know nothing of each other: a run mostly waits. */
const LANES = 3;
/** How long a failing run is made smaller. */
const SHRINKING_MS = 60_000;

export interface Campaign {
  readonly server: Server;
  readonly runs: number;
  readonly seed: number;
}

function propertyOf(server: Server) {
  return fc.asyncProperty(runs, async (actions) => {
    await new ModelRun(server, await newcomers(server.url)).perform(actions);
  });
}

/** The first failure of as many random runs as are wanted, as small as it can be made in a minute. */
async function failureOf({ server, runs: numRuns, seed }: Campaign): Promise<string | undefined> {
  const found = await fc.check(propertyOf(server), { seed, numRuns, endOnFailure: true });
  if (!found.failed) return undefined;
  const shrunk = await fc.check(propertyOf(server), {
    seed,
    ...(found.counterexamplePath !== null && { path: found.counterexamplePath }),
    // Unlike an interruption it lets the run that is under way come to its end.
    skipAllAfterTimeLimit: SHRINKING_MS,
  });
  const details = shrunk.failed ? shrunk : found;
  const actions = details.counterexample?.[0].filter((action) => action !== null);
  return [
    `seed ${seed}, path ${details.counterexamplePath}`,
    String(details.errorInstance),
    `to pin it: ${JSON.stringify(actions)}`,
  ].join('\n');
}

async function failureOfPinned(server: Server, actions: Actions): Promise<string | undefined> {
  try {
    await new ModelRun(server, await newcomers(server.url)).perform(actions);
    return undefined;
  } catch (error) {
    return `pinned: ${String(error)}`;
  }
}

/**
 * Lets the model and a server do the same, first what has failed before, then as many random runs as are wanted.
 * Resolves with where they do not agree: nothing, or each failure with its seed and its actions.
 */
export async function findMismatches({ server, runs, seed }: Campaign): Promise<string[]> {
  const failures = [];
  for (const actions of PINNED) failures.push(await failureOfPinned(server, actions));
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    failureOf({ server, runs: Math.ceil(runs / LANES), seed: seed + lane }),
  );
  return [...failures, ...(await Promise.all(lanes))].filter((failure) => failure !== undefined);
}

/** A failure of a server that has a bug, without looking for a smaller one; each lane makes that many runs until then. */
export async function findPlanted({ server, runs: numRuns, seed }: Campaign): Promise<unknown> {
  let found: unknown;
  const property = fc.asyncProperty(runs, async (actions) => {
    if (found !== undefined) return;
    await new ModelRun(server, await newcomers(server.url)).perform(actions);
  });
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const parameters = { seed: seed + lane, numRuns, endOnFailure: true };
    const { failed, errorInstance } = await fc.check(property, parameters);
    if (failed) found = errorInstance;
  });
  await Promise.all(lanes);
  return found;
}

/** How many runs are wanted: as many as `NATTER_MODEL_RUNS` says, else the given number. */
export function wantedRuns(otherwise: number): number {
  return Number(process.env['NATTER_MODEL_RUNS'] ?? otherwise);
}

/** `NATTER_MODEL_SEED` repeats what a failure has printed. */
export function wantedSeed(otherwise: number): number {
  return Number(process.env['NATTER_MODEL_SEED'] ?? otherwise);
}
