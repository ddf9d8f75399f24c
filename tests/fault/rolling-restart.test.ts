import { ChildServer, createTestDatabase } from '@natter/testing';
import { expect, it } from 'vitest';
import { underLoad } from './load.js';
import { patience, sizes } from './sizes.js';

const NODES = 2;
const MESSAGES_BETWEEN_STOPS = 100;

it(
  `G26 ${sizes.restarts} restarts of nodes in turn, under load, lose and double nothing, and each node stops in time`,
  patience,
  async () => {
    const database = await createTestDatabase();
    const nodes = await Promise.all(
      Array.from({ length: NODES }, () =>
        ChildServer.prepare({
          DATABASE_URL: database.url,
          DATABASE_POOL: '6',
          JWT_SECRET: 'a secret that only tests use, long enough',
        }),
      ),
    );
    for (const node of nodes) await node.start();
    const urls = nodes.map(({ url }) => url);
    const { report } = await underLoad(
      { url: urls[0] ?? '', urls, people: 8, rooms: 1, listeners: 4 },
      async (load) => {
        for (let round = 0; round < sizes.restarts; round += 1) {
          await load.untilMore(MESSAGES_BETWEEN_STOPS);
          const node = nodes[round % NODES];
          expect(await node?.kill('SIGTERM')).toBe(0);
          await node?.start();
        }
        await load.untilMore(MESSAGES_BETWEEN_STOPS);
      },
    );
    process.stdout.write(report);
    for (const node of nodes) await node.dispose();
    await database.drop();
  },
);
