import { randomInt } from 'node:crypto';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultyRun } from '../sdk/faults/faulty-run.js';
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
    const sums = { cut: 0, doubled: 0, shuffled: 0 };
    let next = 0;
    const lane = async () => {
      while (next < sizes.sdkRuns) {
        const seed = FIRST + next;
        next += 1;
        const counts = await faultyRun({ server, seed });
        sums.cut += counts.cut;
        sums.doubled += counts.doubled;
        sums.shuffled += counts.shuffled;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    process.stdout.write(`${sizes.sdkRuns} runs from seed ${FIRST}: ${JSON.stringify(sums)}\n`);
    expect(Math.min(sums.cut, sums.doubled, sums.shuffled)).toBeGreaterThan(0);
  },
);
