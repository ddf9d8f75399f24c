import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultyRun } from './faulty-run.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const SEEDS = [1, 2, 3, 4, 5, 6];

let faults = 0;

it.concurrent.each(SEEDS)(
  'a client behind a way that cuts, doubles, shuffles and delays ends up as the server, seed %i',
  async (seed) => {
    const { cut, doubled, shuffled } = await faultyRun({ server, seed });
    faults += cut + doubled + shuffled;
  },
);

// How many there are of one seed depends on how fast both ends are.
it('the way did cut, double or shuffle', () => {
  expect(faults).toBeGreaterThan(0);
});
