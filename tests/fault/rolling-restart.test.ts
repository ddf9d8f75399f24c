import { ChildServer, createTestDatabase } from '@natter/testing';
import { expect, it } from 'vitest';
import { underLoad } from './load.js';
import { patience, sizes } from './sizes.js';

const NODES = 3;
const MESSAGES_BETWEEN_STOPS = 100;

/** The longest time between two of what came in a span of time, and from its beginning and to its end. */
function longestGap(times: readonly number[], from: number, to: number): number {
  const within = [from, ...times.filter((time) => time > from && time < to), to];
  return Math.max(...within.slice(1).map((time, index) => time - (within[index] ?? time)));
}

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
    const startedAt: number[] = [];
    const { report, receivedAt } = await underLoad(
      { url: urls[0] ?? '', urls, people: 9, rooms: 1, listeners: 6 },
      async (load) => {
        for (let round = 0; round < sizes.restarts; round += 1) {
          await load.untilMore(MESSAGES_BETWEEN_STOPS);
          const node = nodes[round % NODES];
          startedAt.push(performance.now());
          expect(await node?.kill('SIGTERM')).toBe(0);
          await node?.start();
        }
        await load.untilMore(MESSAGES_BETWEEN_STOPS);
        // Before the talk ends: the time that its checker takes is nobody's silence.
        startedAt.push(performance.now());
      },
    );
    const silences = startedAt
      .slice(1)
      .flatMap((to, round) =>
        receivedAt.map((times) => longestGap(times, startedAt[round] ?? 0, to)),
      )
      .toSorted((a, b) => a - b);
    const share = (part: number) =>
      `${Math.round(silences[Math.ceil(silences.length * part) - 1] ?? 0)} ms`;
    process.stdout.write(
      `${report}longest silence of a device in each restart: p50 ${share(0.5)}, p99 ${share(0.99)}, at most ${share(1)}\n`,
    );
    for (const node of nodes) await node.dispose();
    await database.drop();
  },
);
