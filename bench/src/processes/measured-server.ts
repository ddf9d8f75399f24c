import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isNumber, isObjectOf } from '../guards.js';
import { Child } from './child.js';
import { onCore } from './placement.js';
import type { Resources } from './resources.js';

/** A server that is under load, whichever it is. */
export interface MeasuredServer {
  readonly url: string;
  readonly child: Child;
  readonly logFile: string;
}

export interface ServerOptions {
  /** For its output; also its working directory. */
  readonly folder: string;
  readonly core: number | undefined;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Arguments of a baseline. */
  readonly parameters?: readonly string[];
}

export interface NatterOptions extends ServerOptions {
  readonly dataFolder: string;
  readonly rateLimits: 'on' | 'off';
  /** Further settings that are not as documented. */
  readonly settings?: Readonly<Record<string, string>>;
}

const NATTER = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

const isListening = isObjectOf<{ readonly port: number }>({ port: isNumber });

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (address === null || typeof address === 'string') {
    throw new TypeError('a TCP server has a port');
  }
  return address.port;
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** Starts Natter as `npm start` does, with its embedded database, and resolves when it takes work. */
export async function startNatter(
  { folder, core, dataFolder, rateLimits, settings = {}, nodeOptions = [] }: NatterOptions,
  resources: Resources,
): Promise<MeasuredServer> {
  const port = await findFreePort();
  const logFile = join(folder, 'natter.log');
  const options = {
    command: onCore(core, [process.execPath, ...nodeOptions, NATTER]),
    folder,
    logFile,
    messages: false,
    environment: {
      HOST: '127.0.0.1',
      PORT: String(port),
      NATTER_DATA: dataFolder,
      // The folder of the database's socket goes with ours, also where the server cannot remove it.
      TMPDIR: folder,
      NATTER_RATE_LIMITS: rateLimits,
      // A client would refresh its token; the generator uses the same one for the whole run.
      NATTER_ACCESS_TOKEN_SECONDS: '86400',
      ...settings,
    },
  };
  const child = await Child.start(options, resources);
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isReady(url))) {
    if (!child.running) throw new Error('Natter ended at its start');
    if (performance.now() > deadline) throw new Error('Natter did not get ready in time');
    await wait(POLL_MS);
  }
  return { url, child, logFile };
}

/** Starts one of the programs of `baselines`, and resolves when it listens. */
export async function startBaseline(
  name: string,
  { folder, core, nodeOptions = [], parameters = [] }: ServerOptions,
  resources: Resources,
): Promise<MeasuredServer> {
  const program = fileURLToPath(new URL(`../baselines/${name}.js`, import.meta.url));
  const logFile = join(folder, `${name}.log`);
  const command = onCore(core, [process.execPath, ...nodeOptions, program, ...parameters]);
  const child = await Child.start({ command, folder, logFile, messages: true }, resources);
  const port = await new Promise<number>((resolve, reject) => {
    child.process.once('exit', () => reject(new Error(`${name} ended at its start`)));
    child.process.on('message', (message) => {
      if (isListening(message)) resolve(message.port);
    });
  });
  return { url: `http://127.0.0.1:${port}`, child, logFile };
}
