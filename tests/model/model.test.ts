import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findMismatches, wantedRuns, wantedSeed } from './campaign.js';

/** The same runs every time, so that only a change of the code can break them; the wider suite takes new ones. */
const SEED = 1;
const RUNS = 60;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it(
  'SEQ-1 SEQ-2 SEQ-3 SYNC-1 SYNC-4 CHAT-2 CHAT-3 CHAT-4 MSG-2 MSG-3 MSG-4 MSG-5 MSG-6 MSG-7 RCPT-1 RCPT-2 BLOCK-1 TYP-1 USER-2 FAN-1 IDEM-1 ACK-2 three people with two devices each see what the model says, whatever they do',
  { timeout: 600_000 },
  async () => {
    const [runs, seed] = [wantedRuns(RUNS), wantedSeed(SEED)];
    const failures = await findMismatches({ server, runs, seed });
    process.stdout.write(`${runs} runs of the model with the seed ${seed}\n`);
    expect(failures.join('\n\n')).toBe('');
  },
);
