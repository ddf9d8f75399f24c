import { startTestServer } from '@natter/testing';
import { expect, it } from 'vitest';
import { findMismatches, wantedRuns, wantedSeed } from '../model/campaign.js';

const RUNS = 300;

it(
  'SEQ-1 SYNC-1 CHAT-4 MSG-4 RCPT-1 FAN-1 runs that nobody has seen before agree with the model',
  { timeout: 1_800_000 },
  async () => {
    const server = await startTestServer();
    try {
      const [runs, seed] = [wantedRuns(RUNS), wantedSeed(Date.now() % 2 ** 31)];
      process.stdout.write(`${runs} runs of the model with the seed ${seed}\n`);
      const failures = await findMismatches({ server, runs, seed });
      expect(failures.join('\n\n')).toBe('');
    } finally {
      await server.stop();
    }
  },
);
