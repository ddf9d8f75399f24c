import { randomInt } from 'node:crypto';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Counts, faultyRun, sumOf } from '../sdk/faults/faulty-run.js';
import { patience, sizes } from './sizes.js';

/** Seeds that nobody has seen, unless one is to be seen again. */
const FIRST = Number(process.env['NATTER_SEED'] ?? randomInt(1_000_000_000));

/** Runs beside each other, of people who know nothing of each other: a run mostly waits. */
const LANES = 3;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it(
  `G8 the SDK ends up as the server after each of ${sizes.sdkRuns} runs from seed ${FIRST} on`,
  patience,
  async () => {
    const runs: Counts[] = [];
    let next = 0;
    const lane = async () => {
      while (next < sizes.sdkRuns) {
        const seed = FIRST + next;
        next += 1;
        runs.push(await faultyRun({ server, seed }));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const sum = sumOf(runs);
    process.stdout.write(`${sizes.sdkRuns} runs from seed ${FIRST}: ${JSON.stringify(sum)}\n`);
    // Few runs, such as one that is looked into, need not have met with everything.
    if (sizes.sdkRuns >= 10) expect(Math.min(...Object.values(sum))).toBeGreaterThan(0);
  },
);
