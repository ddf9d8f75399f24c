import { randomUUID } from 'node:crypto';
import {
  type ChatClient,
  type ChatClientOptions,
  type ClientStore,
  connectByWebSocket,
  createChatClient,
} from '@natter/client';
import { tusTransfer, uploadsBy } from '@natter/client/uploads';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHUNK_BYTES } from '../sdk/faults/actor.js';
import { type FaultyRun, faultyRun } from '../sdk/faults/faulty-run.js';

/** Far more than it takes: the runs must find each of them. */
const RUNS = 30;
const SEED = 11;
/** For what never comes right. */
const patience = { timeout: 5000, interval: 50 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** Looks for what is broken on purpose, and makes no run more after it. Resolves with what was found. */
async function found(
  make: (options: ChatClientOptions) => ChatClient,
  options: Pick<FaultyRun, 'faults' | 'patience'> = { patience },
): Promise<string> {
  for (let seed = SEED; seed < SEED + RUNS; seed += 1) {
    try {
      await faultyRun({ server, seed, make, ...options });
    } catch (error) {
      return String(error);
    }
  }
  return 'nothing';
}

const timeout = { timeout: 600_000 };

it.concurrent('the runs find a cursor that is stored without its rows', timeout, async () => {
  const withoutRows = (store: ClientStore): ClientStore => ({
    ...store,
    write: (changes) =>
      store.write(new Map([...changes].filter(([key]) => !/\/(message|chat)\//.test(key)))),
  });
  const make = ({ store, ...options }: ChatClientOptions) =>
    createChatClient({ ...options, ...(store && { store: withoutRows(store) }) });
  expect(await found(make)).toMatch(/AssertionError: /);
});

it.concurrent('the runs find a retry with a new id', timeout, async () => {
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
  // An answer has to be lost, and nothing else. All else comes right, and may take its time.
  const faults = { cut: 0.1, double: 0 };
  expect(await found(make, { faults })).toMatch(/AssertionError: .*(doubled|what was written)/);
  const whole = Array.from({ length: 5 }, (_, run) =>
    faultyRun({ server, seed: SEED + run, faults }),
  );
  await expect(Promise.all(whole), 'without it').resolves.toHaveLength(5);
});

it.concurrent('the runs find a client that takes the socket at its word', timeout, async () => {
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

it.concurrent('the runs find an upload that goes on at another byte', timeout, async () => {
  const transfer = tusTransfer({ chunkBytes: CHUNK_BYTES });
  const uploads = uploadsBy({
    ...transfer,
    send: ({ content, ...request }) => {
      // As many bytes, and another one at each place.
      const shifted = new Blob([content.slice(1), content.slice(0, 1)]);
      return transfer.send({
        ...request,
        content: request.id === undefined ? content : shifted,
      });
    },
  });
  const make = (options: ChatClientOptions) => createChatClient({ ...options, uploads });
  // All else comes right.
  expect(await found(make, {})).toMatch(/AssertionError: .*its content/);
});

it.concurrent('the runs find files that do not outlive their process', timeout, async () => {
  const make = ({ store, ...options }: ChatClientOptions) => {
    if (!store || 'shareTabs' in store) return createChatClient(options);
    const { files: _, ...rows } = store;
    return createChatClient({ ...options, store: rows });
  };
  expect(await found(make, {})).toMatch(/AssertionError: .*no file is ever refused/);
});
