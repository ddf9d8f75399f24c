import { randomUUID } from 'node:crypto';
import {
  callRoute,
  ChildServer,
  createTestDatabase,
  freshName,
  PASSWORD,
  TestUser,
} from '@natter/testing';
import { io, type Socket } from 'socket.io-client';
import { expect, it } from 'vitest';

const SOCKETS = 600;
const USERS = 60;
const MISSED = 20;

/** A client as an application has it: it reconnects by itself to whichever node takes it, and syncs each time. */
class StormClient {
  readonly texts = new Set<string | undefined>();
  private readonly socket: Socket;
  private cursor: string | undefined;
  /** Connects that ended in a finished sync. */
  syncs = 0;

  constructor(urls: readonly string[], token: string) {
    let attempt = 0;
    this.socket = io(urls[0] ?? '', { auth: { token }, transports: ['websocket'], forceNew: true });
    // As a proxy does that has found a node to be gone.
    this.socket.io.on('reconnect_attempt', () => {
      attempt += 1;
      Object.assign(this.socket.io, { uri: urls[attempt % urls.length] });
    });
    this.socket.on('newMessage', ({ text }: { text?: string }) => this.texts.add(text));
    this.socket.on('connect', () => void this.sync());
  }

  close(): void {
    this.socket.close();
  }

  private async sync(): Promise<void> {
    try {
      for (let hasMore = true; hasMore;) {
        const { data } = await this.socket.timeout(30_000).emitWithAck('sync', {
          ...(this.cursor !== undefined && { cursor: this.cursor }),
        });
        for (const { payload } of data.entries) this.texts.add(payload.text);
        ({ cursor: this.cursor, hasMore } = data);
      }
      this.syncs += 1;
    } catch {
      // The connection went in the middle of it; the next one syncs from the same cursor.
    }
  }
}

it(`G17 all of ${SOCKETS} sockets of a node that is killed come to the other and miss nothing`, async () => {
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
  const urls = [doomed.url, other.url];
  const clients = Array.from(
    { length: SOCKETS },
    (_, index) => new StormClient(urls, users[index % USERS]?.token ?? ''),
  );
  await expect
    .poll(() => clients.filter(({ syncs }) => syncs > 0).length, { timeout: 300_000 })
    .toBe(SOCKETS);

  await doomed.kill('SIGKILL');
  const killedAt = performance.now();
  const texts = Array.from({ length: MISSED }, () => randomUUID());
  for (const text of texts) {
    await owner.call('sendMessage', {
      params: { id: chat.id },
      body: { kind: 'text', text, clientMessageId: randomUUID() },
    });
  }
  const caughtUp = () =>
    clients.filter((client) => texts.every((text) => client.texts.has(text))).length;
  await expect.poll(caughtUp, { timeout: 300_000 }).toBe(SOCKETS);
  const seconds = Math.round((performance.now() - killedAt) / 100) / 10;
  process.stdout.write(`${SOCKETS} sockets caught up ${seconds} s after the kill\n`);

  for (const client of clients) client.close();
  for (const node of nodes) await node.dispose();
  await database.drop();
});
