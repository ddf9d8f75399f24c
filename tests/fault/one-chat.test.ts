import { createTestDatabase, startTestServer } from '@natter/testing';
import { expect, it } from 'vitest';
import { underLoad } from './load.js';
import { patience, sizes } from './sizes.js';

/** Of a chat; half of each are on each node. */
const PEOPLE = 20;

it(
  `G4 FAN-1 ${PEOPLE} who write and ${PEOPLE} who read in one chat on two nodes: each reads all of ${sizes.chatMessages} messages, in order`,
  patience,
  async () => {
    const database = await createTestDatabase();
    const nodes = [
      await startTestServer({ databaseUrl: database.url, rateLimits: false }),
      await startTestServer({ databaseUrl: database.url, rateLimits: false }),
    ];
    const urls = nodes.map(({ url }) => url);
    const { acknowledged, report } = await underLoad(
      { url: urls[0] ?? '', urls, people: PEOPLE, rooms: 1, listeners: PEOPLE },
      (load) => load.untilMore(sizes.chatMessages),
    );
    process.stdout.write(report);
    expect(acknowledged).toBeGreaterThanOrEqual(sizes.chatMessages);
    for (const node of nodes) await node.stop();
    await database.drop();
  },
);
