import { DatabaseProxy, startTestServer } from '@natter/testing';
import { expect, it } from 'vitest';
import { underLoad } from './load.js';
import { findPostgres, PostgresPair } from './postgres-pair.js';
import { patience, sizes } from './sizes.js';

const MESSAGES = 300;
const bin = await findPostgres();
const missing = bin === undefined ? " (skipped: Debian's package postgresql is not installed)" : '';

async function failOverOnce(postgres: string): Promise<void> {
  const pair = await PostgresPair.start(postgres);
  const proxy = await DatabaseProxy.start(pair.primaryUrl);
  const server = await startTestServer({ databaseUrl: proxy.url });
  let seconds = 0;
  const { report } = await underLoad(
    { url: server.url, people: 6, rooms: 1, listeners: 2 },
    async (load) => {
      await load.untilMore(MESSAGES);
      await pair.failOver();
      proxy.leadTo(pair.standbyUrl);
      const failedAt = performance.now();
      await load.untilMore(1);
      seconds = Math.round((performance.now() - failedAt) / 100) / 10;
      await load.untilMore(MESSAGES);
    },
  );
  process.stdout.write(`${report}served ${seconds} s after the promotion\n`);
  await server.stop();
  proxy.close();
  await pair.dispose();
}

it.skipIf(bin === undefined)(
  `G19 a failover to a synchronous standby loses nothing that was acknowledged, and needs no restart${missing}`,
  patience,
  async () => {
    for (let round = 0; round < sizes.failovers; round += 1) await failOverOnce(bin ?? '');
    expect(sizes.failovers).toBeGreaterThan(0);
  },
);
