import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import {
  ChildServer,
  examplePushSubscription,
  freshName,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sizes } from './sizes.js';

const PAIRS = 20;
const SENDS_EACH = sizes.pushSends;
const SEND_EVERY_MS = 100;
const SLOW_MS = 3000;
/** How long the server waits for a push service: a send that waited for one took as long. */
const PUSH_TIMEOUT_MS = 10_000;

const kinds = ['none', 'at once', 'slow', 'hanging'] as const;
type Kind = (typeof kinds)[number];

const answers: Readonly<Record<Kind, (response: ServerResponse) => void>> = {
  none: () => undefined,
  'at once': (response) => response.writeHead(201).end(),
  slow: (response) => setTimeout(() => response.writeHead(201).end(), SLOW_MS),
  hanging: () => undefined,
};

/** A push service that takes what comes and answers as it is called. */
class Service {
  pushes = 0;
  private readonly server = createServer((request, response) => {
    request.resume().on('end', () => {
      this.pushes += 1;
      answers[this.kind](response);
    });
  });

  constructor(readonly kind: Kind) {}

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Of a new browser. */
  get endpoint(): string {
    const address = this.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return `http://127.0.0.1:${port}/${randomUUID()}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

interface Line {
  readonly socket: TestSocket;
  readonly chatId: string;
}

// One each: the server leaves a service alone that does not answer.
const services = kinds.map((kind) => new Service(kind));
let server: ChildServer;
beforeAll(async () => {
  await Promise.all(services.map((service) => service.start()));
  server = await ChildServer.prepare({
    NATTER_PUSH_LOOPBACK: 'on',
    NATTER_PUSH_TIMEOUT_SECONDS: String(PUSH_TIMEOUT_MS / 1000),
    NATTER_RATE_LIMITS: 'off',
  });
  await server.start();
});
afterAll(async () => {
  await server.dispose();
  for (const service of services) service.stop();
});

/** Chats of two, of whom one sends and the other is away, with a device that is to be alerted. */
async function linesTo(service: Service): Promise<Line[]> {
  const lines: Line[] = [];
  for (let count = 0; count < PAIRS; count += 1) {
    const [from, to] = await Promise.all([
      TestUser.register(server.url, freshName()),
      TestUser.register(server.url, freshName()),
    ]);
    const chat = await from.direct(to);
    if (service.kind !== 'none') {
      const { endpoint } = service;
      await to.call('subscribeToPush', { body: { ...examplePushSubscription, endpoint } });
    }
    lines.push({ socket: await from.connect(), chatId: chat.id });
  }
  return lines;
}

/** Sends at an even pace, whatever comes back. @returns how long each took, in milliseconds. */
async function sendOn(lines: readonly Line[]): Promise<number[]> {
  const sends: Promise<number>[] = [];
  for (let turn = 0; turn < SENDS_EACH; turn += 1) {
    for (const { socket, chatId } of lines) {
      const startedAt = performance.now();
      const input = { chatId, clientMessageId: randomUUID(), text: 'Are you there?' };
      sends.push(socket.command('sendMessage', input).then(() => performance.now() - startedAt));
    }
    await new Promise((resolve) => {
      setTimeout(resolve, SEND_EVERY_MS);
    });
  }
  return Promise.all(sends);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
const median = (values: readonly number[]): number => percentile(values, 0.5);

it('PUSH-3 G24 no send waits for a push service, however slow that is', async () => {
  const arms: { service: Service; lines: Line[]; rounds: number[][] }[] = [];
  for (const service of services) {
    arms.push({ service, lines: await linesTo(service), rounds: [] });
  }
  for (let round = 0; round <= sizes.pushRounds; round += 1) {
    // In turn, and each time another one first, so that all of them meet the same weather.
    for (const [index] of arms.entries()) {
      const arm = arms[(round + index) % arms.length];
      const times = await sendOn(arm?.lines ?? []);
      if (round > 0) arm?.rounds.push(times);
    }
  }
  const none = arms[0]?.rounds ?? [];
  for (const { service, rounds } of arms) {
    const { kind, pushes } = service;
    const times = rounds.flat();
    const ratios = rounds.map(
      (of, index) => percentile(of, 0.99) / percentile(none[index] ?? [], 0.99),
    );
    process.stdout.write(
      `pushes ${kind}: p50 ${median(times).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms, ` +
        `p99 against none, median of ${sizes.pushRounds} rounds: ${median(ratios).toFixed(2)}; ${pushes} pushes\n`,
    );
    expect(times).toHaveLength(sizes.pushRounds * SENDS_EACH * PAIRS);
    expect(Math.max(...times)).toBeLessThan(PUSH_TIMEOUT_MS);
    if (kind !== 'none') expect(pushes).toBeGreaterThan(0);
  }
});
