import { startTestServer } from '@natter/testing';
import { expect, it } from 'vitest';
import { findMismatches, wantedSeed } from '../model/campaign.js';
import { patience, sizes } from './sizes.js';

it(
  'SEQ-1 SYNC-1 CHAT-4 MSG-4 RCPT-1 FAN-1 runs that nobody has seen before agree with the model',
  patience,
  async () => {
    const server = await startTestServer();
    try {
      const [runs, seed] = [sizes.modelRuns, wantedSeed(Date.now() % 2 ** 31)];
      process.stdout.write(`${runs} runs of the model with the seed ${seed}\n`);
      const failures = await findMismatches({ server, runs, seed });
      expect(failures.join('\n\n')).toBe('');
    } finally {
      await server.stop();
    }
  },
);
