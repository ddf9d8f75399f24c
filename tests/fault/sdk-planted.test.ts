import { randomUUID } from 'node:crypto';
import {
  type ChatClient,
  type ChatClientOptions,
  type ClientStore,
  connectByWebSocket,
  createChatClient,
} from '@natter/client';
import { type Faults, startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultyRun } from '../sdk/faults/faulty-run.js';

/** Far more than it takes: the runs must find each of them. */
const RUNS = 30;
const SEED = 11;
const patience = { timeout: 8000, interval: 50 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Looks for what is broken on purpose. Resolves with what was found. */
async function found(
  make: (options: ChatClientOptions) => ChatClient,
  faults: Partial<Faults> = {},
  runs = RUNS,
): Promise<string> {
  for (let seed = SEED; seed < SEED + runs; seed += 1) {
    try {
      await faultyRun({ server, seed, make, faults, patience });
    } catch (error) {
      return String(error);
    }
  }
  return 'nothing';
}

const timeout = { timeout: 600_000 };

it('the runs find a cursor that is stored without its rows', timeout, async () => {
  const withoutRows = (store: ClientStore): ClientStore => ({
    ...store,
    write: (changes) =>
      store.write(new Map([...changes].filter(([key]) => !/\/(message|chat)\//.test(key)))),
  });
  const make = ({ store, ...options }: ChatClientOptions) =>
    createChatClient({ ...options, ...(store && { store: withoutRows(store) }) });
  expect(await found(make)).toMatch(/AssertionError: /);
});

it('the runs find a retry with a new id', timeout, async () => {
  const make = (options: ChatClientOptions) =>
    createChatClient({
      ...options,
      connect: async (...parameters) => {
        const connection = await connectByWebSocket(...parameters);
        return {
          ...connection,
          command: (name, input) =>
            'clientMessageId' in input
              ? connection.command(name, { ...input, clientMessageId: randomUUID() })
              : connection.command(name, input),
        };
      },
    });
  // An answer has to be lost, and nothing else.
  const faults = { cut: 0.1, double: 0 };
  expect(await found(make, faults)).toMatch(/AssertionError: .*(doubled|what was written)/);
  expect(await found(createChatClient, faults, 5), 'without it').toBe('nothing');
});

it('the runs find a client that takes the socket at its word', timeout, async () => {
  // Who looks at no number sees no gap: entries that were overtaken are dropped as repeats.
  const make = (options: ChatClientOptions) => {
    const last = new Map<string, number>();
    return createChatClient({
      ...options,
      connect: (url, token, events) =>
        connectByWebSocket(url, token, {
          ...events,
          event: (event) => {
            if (!('seq' in event.payload) || !('chatId' in event.payload)) {
              events.event(event);
              return;
            }
            const { chatId, seq } = event.payload;
            const before = last.get(chatId);
            last.set(chatId, Math.max(before ?? 0, seq));
            if (before !== undefined && seq < before) return;
            if (before !== undefined && seq > before + 1) {
              events.event({
                event: 'entrySkipped',
                payload: { chatId, seq: before + 1, toSeq: seq - 1 },
              });
            }
            events.event(event);
          },
        }),
    });
  };
  expect(await found(make)).toMatch(/AssertionError: /);
});
