import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Limits, Rates } from '@natter/protocol';
import * as z from 'zod/mini';
import {
  type BucketConfig,
  bucketOf,
  type Capacity,
  capacityOf,
  type InspectionConfig,
  inspectionOf,
  limitsOf,
  type PushConfig,
  pushOf,
  ratesOf,
  type Values,
} from './config-parts.js';
import { isGuessable } from './guessable-secret.js';
import { Environment, settingNames, settingNote } from './settings.js';

/** Where the build of `apps/web` is, beside this package's own. */
export const builtWeb = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** The whole configuration of a node, read once at start. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly databasePool: number;
  /** How long is waited for the database. No setting: only tests of what happens then have less. */
  readonly databasePatience: DatabasePatience;
  /** Absent: other nodes are heard of through the database alone. */
  readonly redisUrl: string | undefined;
  readonly writers: number;
  /** Processes that serve on this machine. */
  readonly workers: number;
  readonly dataFolder: string;
  /** Holds media; with a bucket, only what is on its way there. */
  readonly mediaFolder: string;
  /** Holds media instead of the folder. */
  readonly bucket: BucketConfig | undefined;
  readonly inspection: InspectionConfig;
  /** Absent: made at first start and kept in the data folder. */
  readonly jwtSecret: string | undefined;
  readonly accessTokenSeconds: number;
  /** What a new password's hash costs. No setting: only tests that hash thousands take less. */
  readonly passwordCost: PasswordCost;
  /** Where the web client was built, to be served. Absent: it is not served. */
  readonly webFolder: string | undefined;
  readonly logLevel: Values['LOG_LEVEL'];
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly production: boolean;
  /** Whether anything is limited by how often it comes. */
  readonly rateLimits: boolean;
  /** What one device may do each second. */
  readonly rates: Rates;
  /** How many seconds' worth of each rate may come at once. */
  readonly rateBurstSeconds: number;
  /** From one network address. */
  readonly registrationsPerHour: number;
  /** Whom `GET /v1/users` shows: everybody, who fits a query, or who has exactly that username. */
  readonly userDirectory: Values['NATTER_USER_DIRECTORY'];
  /** How long a message may be edited; absent, for ever. */
  readonly editWindowMs: number | undefined;
  /** How long its sender may delete a message for everyone; absent, for ever. */
  readonly deleteWindowMs: number | undefined;
  /** How long a resumable upload may take. */
  readonly unfinishedUploadMs: number;
  /** After which a file is cut of which nothing moves. */
  readonly idleTransferMs: number;
  /** How long a file is kept that no message has held yet. */
  readonly unsentMediaMs: number;
  readonly limits: Limits;
  readonly push: PushConfig;
  readonly capacity: Capacity;
  /** Absent: nothing is measured. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  /** How long a node may take to stop. */
  readonly drainMs: number;
}

export interface DatabasePatience {
  /** For a connection of the pool that is free. */
  readonly connectionMs: number;
  /** For a query, so that a node goes on soon after the server behind its connections is gone without a word. */
  readonly queryMs: number;
}

const DATABASE_PATIENCE: DatabasePatience = { connectionMs: 5000, queryMs: 10_000 };

/** Of argon2id, on one lane. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/**
 * Of the settings that OWASP takes for equally strong (AUTH-1) the one with the least memory: it stays in the processor's
 * cache, costs a third less time, and keeps the sends of others twice as fast while many log in.
 */
const PASSWORD_COST: PasswordCost = { memoryKib: 7168, passes: 5 };

export type { BucketConfig, Capacity, InspectionConfig, PushConfig };

/** The injection token of `Config`. */
export const CONFIG = Symbol('CONFIG');

/** Every problem of a configuration at once, each with how to mend it. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `Unable to start; mend the configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.name = 'ConfigurationError';
  }
}

const OWN_PREFIX = 'NATTER_';
// Never repeated to a terminal or a log, not even where they are wrong.
const SECRETS: readonly string[] = [
  'JWT_SECRET',
  'DATABASE_URL',
  'REDIS_URL',
  'S3_SECRET_ACCESS_KEY',
  'NATTER_VAPID_PRIVATE_KEY',
];

function unknownSettings(names: readonly string[]): string[] {
  return names
    .filter((name) => name.startsWith(OWN_PREFIX) && !settingNames.includes(name))
    .map(
      (name) =>
        `${name}: there is no such setting; remove it, or take a name from docs/configuration.md`,
    );
}

function wrongValue(name: string, value: string | undefined): string {
  const given = SECRETS.includes(name) ? 'its value' : JSON.stringify(value);
  return `${name}: ${given} is not valid; set it to ${settingNote(name)?.mend}`;
}

/** 0 seconds stand for no end. */
function windowOf(seconds: number): number | undefined {
  return seconds === 0 ? undefined : seconds * 1000;
}

/** In production alone: who tries Natter out, or tests it, may take any secret that is long enough. */
function guessableSecret({ NODE_ENV, JWT_SECRET }: Record<string, string | undefined>): string[] {
  if (NODE_ENV !== 'production' || JWT_SECRET === undefined || !isGuessable(JWT_SECRET)) return [];
  return [`JWT_SECRET: its value can be guessed; set it to ${settingNote('JWT_SECRET')?.mend}`];
}

/** Settings of the bucket that say nothing without others. */
function halfBucket(given: Readonly<Record<string, string | undefined>>): string[] {
  const pairs = [
    ['S3_ENDPOINT', 'S3_BUCKET'],
    ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'],
    ['S3_SECRET_ACCESS_KEY', 'S3_ACCESS_KEY_ID'],
  ] as const;
  return pairs
    .filter(([name, needed]) => given[name] !== undefined && given[needed] === undefined)
    .map(([name, needed]) => `${name}: it needs ${needed}; set it to ${settingNote(needed)?.mend}`);
}

/**
 * Reads a configuration from environment variables; an empty variable counts as not set.
 *
 * @throws {ConfigurationError} naming every wrong value, and every unknown name that starts with `NATTER_`.
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
  const result = z.safeParse(Environment, given);
  const wrongNames = new Set(result.error?.issues.map((issue) => String(issue.path[0])));
  const problems = [
    ...[...wrongNames].map((name) => wrongValue(name, given[name])),
    ...(wrongNames.has('JWT_SECRET') ? [] : guessableSecret(given)),
    ...halfBucket(given),
    ...unknownSettings(Object.keys(variables)),
  ];
  if (!result.success || problems.length > 0) throw new ConfigurationError(problems);

  const values = result.data;
  return {
    port: values.PORT,
    host: values.HOST,
    databaseUrl: values.DATABASE_URL,
    databasePool: values.DATABASE_POOL,
    databasePatience: DATABASE_PATIENCE,
    redisUrl: values.REDIS_URL,
    writers: values.NATTER_WRITERS,
    workers: values.NATTER_WORKERS,
    dataFolder: values.NATTER_DATA,
    mediaFolder: values.MEDIA_DIR ?? join(values.NATTER_DATA, 'media'),
    bucket: bucketOf(values),
    inspection: inspectionOf(values),
    jwtSecret: values.JWT_SECRET,
    accessTokenSeconds: values.NATTER_ACCESS_TOKEN_SECONDS,
    passwordCost: PASSWORD_COST,
    webFolder: values.NATTER_WEB === 'on' ? builtWeb : undefined,
    logLevel: values.LOG_LEVEL,
    corsOrigins: values.CORS_ORIGINS,
    trustedProxies: values.NATTER_TRUSTED_PROXIES,
    production: values.NODE_ENV === 'production',
    rateLimits: values.NATTER_RATE_LIMITS === 'on',
    rates: ratesOf(values),
    rateBurstSeconds: values.NATTER_RATE_BURST_SECONDS,
    registrationsPerHour: values.NATTER_REGISTRATIONS_PER_HOUR,
    userDirectory: values.NATTER_USER_DIRECTORY,
    editWindowMs: windowOf(values.NATTER_EDIT_WINDOW_SECONDS),
    deleteWindowMs: windowOf(values.NATTER_DELETE_WINDOW_SECONDS),
    unfinishedUploadMs: values.NATTER_UNFINISHED_UPLOAD_HOURS * 60 * 60 * 1000,
    idleTransferMs: values.NATTER_IDLE_TRANSFER_SECONDS * 1000,
    unsentMediaMs: values.NATTER_UNSENT_MEDIA_HOURS * 60 * 60 * 1000,
    limits: limitsOf(values),
    push: pushOf(values),
    metricsPort: values.METRICS_PORT,
    metricsHost: values.METRICS_HOST,
    drainMs: values.NATTER_DRAIN_SECONDS * 1000,
    capacity: capacityOf(values),
  };
}
