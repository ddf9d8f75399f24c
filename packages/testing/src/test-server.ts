import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chat } from '@natter/protocol';
import { type Config, readConfig, type RunningNatter, startNatter } from '@natter/server';
import { createBucket } from '@natter/server/media/testing';
import { inject } from 'vitest';
import { createTestDatabase } from './test-database.js';
import type { TestSocket } from './test-socket.js';
import { TestUser } from './test-user.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test servers keep files in buckets, its address; only in the project `bucket`. */
    bucketServer?: { readonly endpoint: string } | { readonly missing: string };
  }
}

export interface DirectChat {
  readonly anna: TestUser;
  readonly ben: TestUser;
  readonly chat: Chat;
  readonly atAnna: TestSocket;
  readonly atBen: TestSocket;
}

export interface TestServer {
  readonly url: string;
  readonly databaseUrl: string;
  /** Where it keeps files. */
  readonly dataFolder: string;
  readonly natter: RunningNatter;
  /** Registers a user under a name that nobody has yet. */
  user(name?: string): Promise<TestUser>;
  /** Two users who were in a direct chat already when they connected. */
  directChat(): Promise<DirectChat>;
  stop(): Promise<void>;
}

let names = 0;

/** A name that no other test of this process uses. */
export function freshName(prefix = 'user'): string {
  names += 1;
  return `${prefix}-${process.pid}-${names}`;
}

/** What a test sets of the configuration; of the limits, the capacity and push only what it is about. */
export type ConfigOverrides = Partial<Omit<Config, 'limits' | 'capacity' | 'push'>> & {
  readonly limits?: Partial<Config['limits']>;
  readonly capacity?: Partial<Config['capacity']>;
  readonly push?: Partial<Config['push']>;
};

/** Most of a registration is its hash; tests of passwords themselves take what they cost in earnest. */
const CHEAP: Config['passwordCost'] = { memoryKib: 64, passes: 1 };

export const costInEarnest: Config['passwordCost'] = readConfig({}).passwordCost;

/** A configuration for a server in this process. */
export function testConfig(databaseUrl: string, overrides: ConfigOverrides = {}): Config {
  const defaults = readConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    NATTER_WEB: 'off',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_POOL: '6',
    // The limits are on, and never in the way of a test that is not about them.
    NATTER_RATE_SENDS: '10000',
    NATTER_RATE_CHANGES: '10000',
    NATTER_RATE_READS: '10000',
    // Nor is a machine that is busy with other tests.
    NATTER_MAX_SEND_WAIT_MS: '60000',
  });
  return {
    ...defaults,
    databaseUrl,
    jwtSecret: 'a secret that only tests use, long enough',
    passwordCost: CHEAP,
    ...overrides,
    limits: { ...defaults.limits, ...overrides.limits },
    push: { ...defaults.push, ...overrides.push },
    capacity: { ...defaults.capacity, ...overrides.capacity },
  };
}

function register(url: string, name: string = freshName()): Promise<TestUser> {
  return TestUser.register(url, name);
}

async function directChatOn(url: string): Promise<DirectChat> {
  const [anna, ben] = await Promise.all([register(url), register(url)]);
  const chat = await anna.direct(ben);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  return { anna, ben, chat, atAnna, atBen };
}

/** In the project `bucket` a bucket of its own for each server, instead of its folder. */
async function freshBucket(): Promise<Pick<Config, 'bucket'> | undefined> {
  const server = inject('bucketServer');
  if (!server || 'missing' in server) return undefined;
  return { bucket: await createBucket(server.endpoint, `media-${randomUUID()}`) };
}

/**
 * A real server on a free port. Without `databaseUrl` it gets a database of its own, and without `dataFolder` a folder
 * of its own; both are gone when it stops.
 */
export async function startTestServer(overrides: ConfigOverrides = {}): Promise<TestServer> {
  const database = overrides.databaseUrl === undefined ? await createTestDatabase() : undefined;
  const dataFolder = overrides.dataFolder ?? (await mkdtemp(join(tmpdir(), 'natter-data-')));
  const databaseUrl = overrides.databaseUrl ?? database?.url ?? '';
  const natter = await startNatter(
    testConfig(databaseUrl, {
      dataFolder,
      mediaFolder: join(dataFolder, 'media'),
      ...(await freshBucket()),
      ...overrides,
    }),
  );
  const url = natter.url.replace('localhost', '127.0.0.1');
  return {
    url,
    databaseUrl,
    dataFolder,
    natter,
    user: (name) => register(url, name),
    directChat: () => directChatOn(url),
    stop: async () => {
      await natter.stop();
      await database?.drop();
      if (overrides.dataFolder === undefined) {
        await rm(dataFolder, { recursive: true, force: true });
      }
    },
  };
}
