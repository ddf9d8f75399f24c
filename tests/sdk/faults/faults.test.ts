import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultyRun } from './faulty-run.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const SEEDS = [1, 2, 3, 4, 5, 6];

it.each(SEEDS)(
  'a client behind a way that cuts, doubles, shuffles and delays ends up as the server, seed %i',
  async (seed) => {
    const counts = await faultyRun({ server, seed });
    expect(counts.doubled + counts.shuffled + counts.cut).toBeGreaterThan(0);
  },
);
