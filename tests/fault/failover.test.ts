import { DatabaseProxy, freshName, startTestServer, TestUser } from '@natter/testing';
import { expect, it } from 'vitest';
import { findPostgres, PostgresPair } from './postgres-pair.js';
import { readMessages } from './read-messages.js';
import { RovingClient } from './roving-client.js';

const CLIENTS = 6;
const MESSAGES = 300;
const bin = await findPostgres();
const missing = bin === undefined ? " (skipped: Debian's package postgresql is not installed)" : '';

it.skipIf(bin === undefined)(
  `G19 a failover to a synchronous standby loses nothing that was acknowledged, and needs no restart${missing}`,
  async () => {
    const pair = await PostgresPair.start(bin ?? '');
    const proxy = await DatabaseProxy.start(pair.primaryUrl);
    const server = await startTestServer({ databaseUrl: proxy.url });
    const users = await Promise.all(
      Array.from({ length: CLIENTS }, () => TestUser.register(server.url, freshName('failover'))),
    );
    const [owner] = users;
    if (!owner) throw new Error('There is nobody');
    const chat = await owner.group(users.slice(1));
    const clients = users.map((user) => new RovingClient([server.url], user, chat.id, 0));
    const running = clients.map((client) => client.run());
    const acknowledged = () => clients.reduce((sum, client) => sum + client.acknowledged.size, 0);
    await expect.poll(acknowledged, { timeout: 120_000 }).toBeGreaterThan(MESSAGES);

    await pair.failOver();
    proxy.leadTo(pair.standbyUrl);
    const before = acknowledged();
    const failedAt = performance.now();
    await expect.poll(acknowledged, { timeout: 120_000 }).toBeGreaterThan(before + CLIENTS);
    const seconds = Math.round((performance.now() - failedAt) / 100) / 10;
    await expect.poll(acknowledged, { timeout: 120_000 }).toBeGreaterThan(before + MESSAGES);

    const lastSeq = async () => (await owner.readChat(chat.id)).lastSeq;
    await Promise.all(
      clients.map((client, index) => client.finish(running[index] ?? Promise.resolve(), lastSeq)),
    );
    const stored = await readMessages(owner, chat);
    const expected = clients.flatMap((client) =>
      [...client.acknowledged].map(([id, { seq }]) => [seq, id] as const),
    );
    expect([...stored].toSorted()).toEqual(expected.toSorted());
    process.stdout.write(
      `${expected.length} messages, 0 lost, served ${seconds} s after the promotion\n`,
    );
    await server.stop();
    proxy.close();
    await pair.dispose();
  },
);
