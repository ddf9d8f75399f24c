import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  callRoute,
  ChildServer,
  createTestDatabase,
  freshName,
  PASSWORD,
  TestUser,
} from '@natter/testing';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { patience, sizes } from './sizes.js';
import { type StormOrder, StormReport } from './storm-order.js';

const SOCKETS = sizes.stormSockets;
const USERS = SOCKETS / 10;
const MISSED = 20;
const PATIENCE = { timeout: 300_000, interval: 50 };
const CLIENTS = fileURLToPath(
  new URL('../../node_modules/.cache/natter-tests/fault/storm-clients.js', import.meta.url),
);

/** Clients in a process of their own, so that they take no turns with what judges them. */
function startClients(order: StormOrder) {
  const child = fork(CLIENTS);
  let report = { live: 0, caughtUp: 0 };
  child.on('message', (message) => {
    report = z.parse(StormReport, message);
  });
  child.send(order);
  return { live: () => report.live, caughtUp: () => report.caughtUp, end: () => child.kill() };
}

it(
  `G17 all of ${SOCKETS} sockets of a node that is killed come to the other and miss nothing`,
  patience,
  async () => {
    const database = await createTestDatabase();
    const nodes = await Promise.all(
      [1, 2].map(() =>
        ChildServer.prepare({
          DATABASE_URL: database.url,
          JWT_SECRET: 'a secret that only tests use, long enough',
          NATTER_ACCESS_TOKEN_SECONDS: '86400',
        }),
      ),
    );
    for (const node of nodes) await node.start();
    const [doomed, other] = nodes;
    if (!doomed || !other) throw new Error('There are no nodes');
    const users = await Promise.all(
      Array.from({ length: USERS }, async () => {
        const body = { username: freshName('storm'), password: PASSWORD };
        return new TestUser(other.url, (await callRoute(other.url, 'register', { body })).body);
      }),
    );
    const [owner] = users;
    if (!owner) throw new Error('There is nobody');
    const chat = await owner.group(users.slice(1));
    const texts = Array.from({ length: MISSED }, () => randomUUID());
    const clients = startClients({
      urls: [doomed.url, other.url],
      tokens: users.map(({ token }) => token),
      sockets: SOCKETS,
      texts,
    });
    await expect.poll(clients.live, PATIENCE).toBe(SOCKETS);

    await doomed.kill('SIGKILL');
    const killedAt = performance.now();
    for (const text of texts) {
      await owner.call('sendMessage', {
        params: { id: chat.id },
        body: { kind: 'text', text, clientMessageId: randomUUID() },
      });
    }
    await expect.poll(clients.caughtUp, PATIENCE).toBe(SOCKETS);
    const seconds = Math.round((performance.now() - killedAt) / 100) / 10;
    process.stdout.write(`${SOCKETS} sockets caught up ${seconds} s after the kill\n`);

    clients.end();
    for (const node of nodes) await node.dispose();
    await database.drop();
  },
);
