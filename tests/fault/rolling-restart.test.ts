import { ChildServer, createTestDatabase, freshName, TestUser } from '@natter/testing';
import { expect, it } from 'vitest';
import { readMessages } from './read-messages.js';
import { RovingClient } from './roving-client.js';

const NODES = 2;
const CLIENTS = 8;
const ROUNDS = 2;
const MESSAGES_BETWEEN_STOPS = 100;

it('G26 a rolling restart under load loses nothing and doubles nothing, and each node stops in time', async () => {
  const database = await createTestDatabase();
  const nodes = await Promise.all(
    Array.from({ length: NODES }, () =>
      ChildServer.prepare({
        DATABASE_URL: database.url,
        DATABASE_POOL: '6',
        JWT_SECRET: 'a secret that only tests use, long enough',
        NATTER_ACCESS_TOKEN_SECONDS: '86400',
      }),
    ),
  );
  for (const node of nodes) await node.start();
  const urls = nodes.map(({ url }) => url);
  const users = await Promise.all(
    Array.from({ length: CLIENTS }, () => TestUser.register(urls[0] ?? '', freshName('roving'))),
  );
  const [owner] = users;
  if (!owner) throw new Error('There is nobody');
  const chat = await owner.group(users.slice(1));
  const clients = users.map((user, index) => new RovingClient(urls, user, chat.id, index));
  const running = clients.map((client) => client.run());

  const acknowledged = () => clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const node of nodes) {
      const goal = acknowledged() + MESSAGES_BETWEEN_STOPS;
      await expect.poll(acknowledged, { timeout: 60_000 }).toBeGreaterThan(goal);
      expect(await node.kill('SIGTERM')).toBe(0);
      await node.start();
    }
  }

  const lastSeq = async () => (await owner.readChat(chat.id)).lastSeq;
  await Promise.all(
    clients.map((client, index) => client.finish(running[index] ?? Promise.resolve(), lastSeq)),
  );
  expect(clients.every(({ moves }) => moves > 0)).toBe(true);

  const stored = await readMessages(owner, chat);
  expect(new Set(stored.values()).size).toBe(stored.size);
  const expected = clients.flatMap((client) =>
    [...client.acknowledged].map(([id, { seq }]) => [seq, id] as const),
  );
  expect([...stored].toSorted()).toEqual(expected.toSorted());
  for (const client of clients) {
    const own = new Set([...client.acknowledged.values()].map(({ seq }) => seq));
    const missing = [...stored.keys()].filter((seq) => !client.seen.has(seq) && !own.has(seq));
    expect(missing).toEqual([]);
  }
  for (const node of nodes) await node.dispose();
  await database.drop();
});
