import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Limits, Rates } from '@natter/protocol';
import * as z from 'zod/mini';
import { isGuessable } from './guessable-secret.js';
import { Environment, settingNames, settingNote } from './settings.js';

type Values = z.output<typeof Environment>;

/** Where the build of `apps/web` is, beside this package's own. */
export const builtWeb = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/** How devices are alerted that are not connected. */
export interface PushConfig {
  /** base64url; absent: made at first start and kept in the database. */
  readonly vapidPrivateKey: string | undefined;
  readonly vapidSubject: string;
  readonly content: Values['NATTER_PUSH_CONTENT'];
  /** Lower-case names, `*.` before those that stand for all below, and a port where it is not 443. Empty: any. */
  readonly hosts: readonly string[];
  readonly loopback: boolean;
  readonly graceMs: number;
  readonly ttlSeconds: number;
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly concurrency: number;
}

/** How much a node holds at once; what comes on top is refused, or cut, and never absorbed. */
export interface Capacity {
  /** Bytes that may wait for one connection that reads too slowly. */
  readonly backlogBytes: number;
  /** How long anything may wait for one connection. */
  readonly backlogMs: number;
  /** Connections of this node, authenticated or not. */
  readonly sockets: number;
  /** Handshakes under way. */
  readonly handshakes: number;
  /** Commands and requests that are not answered yet. */
  readonly requests: number;
  /** Sends that wait for their batch. */
  readonly waitingSends: number;
  /** How long the oldest of a lane's sends has waited when further ones are refused. */
  readonly sendWaitMs: number;
  /** Changes that wait for their turn. */
  readonly waitingChanges: number;
  /** Members' marks that wait for their batch. */
  readonly waitingMarks: number;
  /** Passwords that wait to be hashed, in each of two lines. */
  readonly waitingPasswords: number;
  /** Connections that are told to come back elsewhere within one second, when a node stops. */
  readonly reconnectsPerSecond: number;
}

/** A bucket of S3, or of a server that speaks its protocol, and how to reach it. */
export interface BucketConfig {
  readonly name: string;
  /** Absent: that of AWS in the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Absent, as the secret then is: what the machine or container is given by AWS. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** Whether the bucket is named in the path of an address, and not in its host. */
  readonly pathStyle: boolean;
}

/** How files are looked into. */
export interface InspectionConfig {
  /** How many at once, each in a process of its own. */
  readonly processes: number;
  /** For one step: a picture made anew, a frame of a video found. */
  readonly timeoutMs: number;
  /** Of a picture, all of its frames together. */
  readonly mostPixels: number;
  /** Of ffmpeg and ffprobe; absent, where programs usually are. */
  readonly ffmpegFolder: string | undefined;
}

/** The whole configuration of a node, read once at start. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly databasePool: number;
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

/** Of argon2id, on one lane. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** As OWASP recommends (AUTH-1). */
const PASSWORD_COST: PasswordCost = { memoryKib: 19_456, passes: 2 };

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

function bucketOf(values: Values): BucketConfig | undefined {
  if (values.S3_BUCKET === undefined) return undefined;
  return {
    name: values.S3_BUCKET,
    endpoint: values.S3_ENDPOINT,
    region: values.S3_REGION,
    accessKeyId: values.S3_ACCESS_KEY_ID,
    secretAccessKey: values.S3_SECRET_ACCESS_KEY,
    pathStyle: values.S3_PATH_STYLE === 'on',
  };
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
    redisUrl: values.REDIS_URL,
    writers: values.NATTER_WRITERS,
    workers: values.NATTER_WORKERS,
    dataFolder: values.NATTER_DATA,
    mediaFolder: values.MEDIA_DIR ?? join(values.NATTER_DATA, 'media'),
    bucket: bucketOf(values),
    inspection: {
      processes: values.NATTER_INSPECTION_PROCESSES,
      timeoutMs: values.NATTER_INSPECTION_SECONDS * 1000,
      mostPixels: values.NATTER_MAX_IMAGE_PIXELS,
      ffmpegFolder: values.NATTER_FFMPEG_DIR,
    },
    jwtSecret: values.JWT_SECRET,
    accessTokenSeconds: values.NATTER_ACCESS_TOKEN_SECONDS,
    passwordCost: PASSWORD_COST,
    webFolder: values.NATTER_WEB === 'on' ? builtWeb : undefined,
    logLevel: values.LOG_LEVEL,
    corsOrigins: values.CORS_ORIGINS,
    trustedProxies: values.NATTER_TRUSTED_PROXIES,
    production: values.NODE_ENV === 'production',
    rateLimits: values.NATTER_RATE_LIMITS === 'on',
    rates: {
      send: values.NATTER_RATE_SENDS,
      change: values.NATTER_RATE_CHANGES,
      receipt: values.NATTER_RATE_RECEIPTS,
      ephemeral: values.NATTER_RATE_EPHEMERAL,
      read: values.NATTER_RATE_READS,
    },
    rateBurstSeconds: values.NATTER_RATE_BURST_SECONDS,
    registrationsPerHour: values.NATTER_REGISTRATIONS_PER_HOUR,
    userDirectory: values.NATTER_USER_DIRECTORY,
    editWindowMs: windowOf(values.NATTER_EDIT_WINDOW_SECONDS),
    deleteWindowMs: windowOf(values.NATTER_DELETE_WINDOW_SECONDS),
    unfinishedUploadMs: values.NATTER_UNFINISHED_UPLOAD_HOURS * 60 * 60 * 1000,
    unsentMediaMs: values.NATTER_UNSENT_MEDIA_HOURS * 60 * 60 * 1000,
    limits: {
      textBytes: values.NATTER_MAX_TEXT_BYTES,
      ciphertextBytes: values.NATTER_MAX_CIPHERTEXT_BYTES,
      headerBytes: values.NATTER_MAX_HEADER_BYTES,
      draftBytes: values.NATTER_MAX_DRAFT_BYTES,
      chatPins: values.NATTER_MAX_CHAT_PINS,
      userReactions: values.NATTER_MAX_USER_REACTIONS,
      messageReactions: values.NATTER_MAX_MESSAGE_REACTIONS,
      groupMembers: values.NATTER_MAX_GROUP_MEMBERS,
      userDevices: values.NATTER_MAX_USER_DEVICES,
      userSockets: values.NATTER_MAX_USER_SOCKETS,
      messageMedia: values.NATTER_MAX_MESSAGE_MEDIA,
      mediaBytes: values.NATTER_MAX_MEDIA_BYTES,
      userMediaBytes: values.NATTER_MAX_USER_MEDIA_BYTES,
      userMediaFiles: values.NATTER_MAX_USER_MEDIA_FILES,
      openUploads: values.NATTER_MAX_OPEN_UPLOADS,
      userUploads: values.NATTER_MAX_USER_UPLOADS,
      frameBytes: values.NATTER_MAX_FRAME_BYTES,
    },
    push: {
      vapidPrivateKey: values.NATTER_VAPID_PRIVATE_KEY,
      vapidSubject: values.NATTER_VAPID_SUBJECT,
      content: values.NATTER_PUSH_CONTENT,
      hosts: values.NATTER_PUSH_HOSTS,
      loopback: values.NATTER_PUSH_LOOPBACK === 'on',
      graceMs: values.NATTER_PUSH_GRACE_SECONDS * 1000,
      ttlSeconds: values.NATTER_PUSH_TTL_SECONDS,
      timeoutMs: values.NATTER_PUSH_TIMEOUT_SECONDS * 1000,
      retryMs: values.NATTER_PUSH_RETRY_SECONDS * 1000,
      concurrency: values.NATTER_PUSH_CONCURRENCY,
    },
    metricsPort: values.METRICS_PORT,
    metricsHost: values.METRICS_HOST,
    drainMs: values.NATTER_DRAIN_SECONDS * 1000,
    capacity: {
      backlogBytes: values.NATTER_MAX_BACKLOG_BYTES,
      backlogMs: values.NATTER_MAX_BACKLOG_SECONDS * 1000,
      sockets: values.NATTER_MAX_SOCKETS,
      handshakes: values.NATTER_MAX_HANDSHAKES,
      requests: values.NATTER_MAX_REQUESTS,
      waitingSends: values.NATTER_MAX_WAITING_SENDS,
      sendWaitMs: values.NATTER_MAX_SEND_WAIT_MS,
      waitingChanges: values.NATTER_MAX_WAITING_CHANGES,
      waitingMarks: values.NATTER_MAX_WAITING_MARKS,
      waitingPasswords: values.NATTER_MAX_WAITING_PASSWORDS,
      reconnectsPerSecond: values.NATTER_RECONNECTS_PER_SECOND,
    },
  };
}
