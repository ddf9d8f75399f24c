import {
  isInput,
  isRequest,
  type OpenRooms,
  type OperationName,
  type Operations,
  type Reply,
  type Target,
} from './contract.js';
import { runClosedLoop } from './closed-loop.js';
import { runHttpReads } from './http-reads.js';
import { IdleConnections } from './idle.js';
import { runPacedLoop } from './paced-loop.js';
import { Storm } from './storm.js';
import { SyncReaders } from './sync-readers.js';
import { Traffic } from './traffic.js';
import { verify } from './verify.js';

type Handlers = {
  readonly [K in OperationName]: (
    input: Operations[K]['input'],
  ) => Promise<Operations[K]['output']>;
};

const opened = new Map<Target, { readonly options: OpenRooms; readonly traffic: Traffic }>();
const idle = new IdleConnections();
const syncReaders = new SyncReaders();
const storm = new Storm();

function requireOpened(target: Target) {
  const found = opened.get(target);
  if (!found) throw new Error(`Unable to use ${target}; its connections are not open`);
  return found;
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work;
  return (performance.now() - startMs) / 1000;
}

const handlers: Handlers = {
  async openRooms(options) {
    const startMs = performance.now();
    const traffic = await Traffic.open(options);
    opened.set(options.target, { options, traffic });
    return {
      connections: traffic.senders.length,
      seconds: (performance.now() - startMs) / 1000,
    };
  },
  closedLoop: (options) => runClosedLoop(requireOpened(options.target).traffic, options),
  pacedLoop: (options) => runPacedLoop(requireOpened(options.target).traffic, options),
  verify({ url }) {
    const { options, traffic } = requireOpened('natter');
    return verify(url, options.rooms, traffic);
  },
  async closeRooms({ target }) {
    await opened.get(target)?.traffic.close();
    return {};
  },
  openIdle: async (options) => ({
    connections: options.connections,
    seconds: await timed(idle.open(options)),
  }),
  async closeIdle() {
    await idle.close();
    return {};
  },
  httpReads: runHttpReads,
  openSync: async ({ url, tokens }) => ({
    connections: tokens.length,
    seconds: await timed(syncReaders.open(url, tokens)),
  }),
  syncRuns: (options) => syncReaders.run(options),
  async closeSync() {
    await syncReaders.close();
    return {};
  },
  openStorm: async (options) => ({
    connections: options.connections,
    seconds: await timed(storm.open(options)),
  }),
  cutStorm() {
    storm.cut();
    return Promise.resolve({});
  },
  reconnectStorm: (options) => storm.reconnect(options),
  async closeStorm() {
    await storm.close();
    return {};
  },
};

function carryOut<K extends OperationName>(
  operation: K,
  input: unknown,
): Promise<Operations[K]['output']> {
  const handler: Handlers[K] = handlers[operation];
  if (!isInput[operation](input)) throw new TypeError(`${operation} was asked with other input`);
  return handler(input);
}

async function answer(message: unknown): Promise<void> {
  if (!isRequest(message)) return;
  const { id, operation, input } = message;
  let reply: Reply;
  try {
    reply = { id, output: await carryOut(operation, input) };
  } catch (error) {
    reply = {
      id,
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  process.send?.(reply);
}

process.on('message', (message) => void answer(message));
// Whoever started us is gone, however it went: nobody reads what we would measure.
process.on('disconnect', () => process.exit());
