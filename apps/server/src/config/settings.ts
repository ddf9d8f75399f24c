import { pageLimits, rateAllowances } from '@natter/protocol';
import * as z from 'zod/mini';
import {
  choice,
  commaSeparated,
  limit,
  notes,
  rate,
  type SettingNote,
  wholeNumber,
} from './setting-kinds.js';
import { isVapidPrivateKey } from './vapid-private-key.js';

/** `push.example.com`, `*.example.com`, and either with a port. */
const PUSH_HOST =
  /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?(:\d{1,5})?$/;
const ORIGIN = /^https?:\/\/[^/?#\s,]+$/;
const ENDPOINT = /^https?:\/\/[^/?#\s]+\/?$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MINIMUM_SECRET_BYTES = 32;

/** The environment that Natter reads, in the order of `docs/configuration.md`, which is generated from here. */
export const Environment = z.object({
  PORT: wholeNumber(3000, 0, 65_535, 'The port of HTTP and sockets; 0 takes a free one.'),
  HOST: z._default(z.string().check(z.minLength(1)), '0.0.0.0').register(notes, {
    default: '0.0.0.0',
    description: 'The address to listen on; `::` is every IPv6 and IPv4 address.',
    mend: 'an IP address or host name of this machine',
  }),
  DATABASE_URL: z.optional(z.string().check(z.regex(/^postgres(ql)?:\/\/.+$/))).register(notes, {
    description:
      'A PostgreSQL 15 or newer. Without it Natter runs its own in the data folder. Its extension pg_trgm is created ' +
      'at the first start, which the owner of a database may do where the extension is installed, as it is in managed ones.',
    mend: 'a URL such as postgres://user:password@host:5432/database',
  }),
  DATABASE_POOL: wholeNumber(
    16,
    2,
    500,
    'Connections for everything but the appends of messages. Other changes take half of them at most, so that reads go on.',
  ),
  REDIS_URL: z.optional(z.string().check(z.regex(/^rediss?:\/\/.+$/))).register(notes, {
    description:
      'A Redis or Valkey that all nodes share, through which they hear of each other at once. Nothing is kept in it: while ' +
      'it is away everything is stored and acknowledged as before, and other nodes hear of it a little later.',
    mend: 'a URL such as redis://user:password@host:6379/0',
  }),
  NATTER_WRITERS: wholeNumber(
    2,
    1,
    16,
    'Connections that append messages. One has a batch in flight, another joins it where 50 messages wait to other chats.',
  ),
  NATTER_WORKERS: wholeNumber(
    1,
    1,
    256,
    'Processes that serve on this machine behind the one port, with the one database. Each has its own connections to it, ' +
      'as many as set here, and its own metrics, on the ports from `METRICS_PORT` on.',
  ),
  NATTER_DATA: z._default(z.string().check(z.minLength(1)), './data').register(notes, {
    default: './data',
    description:
      'The folder of the embedded database, of media, and of the secret made at first start.',
    mend: 'a folder that Natter may write to',
  }),
  MEDIA_DIR: z.optional(z.string().check(z.minLength(1))).register(notes, {
    description:
      'The folder of uploaded files; without it, `media` in the data folder. Nodes without a bucket share one.',
    mend: 'a folder that Natter may write to',
  }),
  S3_BUCKET: z.optional(z.string().check(z.regex(BUCKET))).register(notes, {
    description:
      'The bucket of uploaded files, instead of the folder. It is for this installation alone: files there that the ' +
      'database does not know are removed.',
    mend: 'the name of a bucket of S3, or of a server that speaks its protocol',
  }),
  S3_ENDPOINT: z.optional(z.string().check(z.regex(ENDPOINT))).register(notes, {
    description: 'Where a server that speaks S3 answers; without it, AWS.',
    mend: 'an address such as https://s3.example.com',
  }),
  S3_REGION: z._default(z.string().check(z.regex(/^[a-z0-9-]+$/i)), 'us-east-1').register(notes, {
    default: 'us-east-1',
    description: 'The region of the bucket.',
    mend: 'the name of a region such as eu-central-1',
  }),
  S3_ACCESS_KEY_ID: z.optional(z.string().check(z.minLength(1))).register(notes, {
    description:
      'The key to the bucket; without it, the role that AWS gives to the machine or container.',
    mend: 'the id of an access key',
  }),
  S3_SECRET_ACCESS_KEY: z.optional(z.string().check(z.minLength(1))).register(notes, {
    description: 'The secret of that key.',
    mend: 'the secret of the access key',
  }),
  S3_PATH_STYLE: choice(
    ['on', 'off'],
    'off',
    '`on` names the bucket in the path of an address instead of in its host, which most servers other than AWS want.',
  ),
  NATTER_INSPECTION_PROCESSES: wholeNumber(
    2,
    1,
    64,
    'How many uploaded files are looked into at once, each in a process of its own.',
  ),
  NATTER_INSPECTION_SECONDS: wholeNumber(
    30,
    1,
    600,
    'How long one step of it may take, such as to decode a picture; what takes longer is refused.',
  ),
  NATTER_MAX_IMAGE_PIXELS: wholeNumber(
    50_000_000,
    10_000,
    1_000_000_000,
    'The most pixels that a picture may have, all of its frames together.',
  ),
  NATTER_FFMPEG_DIR: z.optional(z.string().check(z.regex(/^\//))).register(notes, {
    description:
      'The folder of the programs ffmpeg and ffprobe; without it they are looked for where programs usually are. ' +
      'Without ffmpeg videos have no preview, and recordings no waveform but that of their sender.',
    mend: 'the absolute path of a folder',
  }),
  JWT_SECRET: z
    .optional(
      z.string().check(z.refine((secret) => Buffer.byteLength(secret) >= MINIMUM_SECRET_BYTES)),
    )
    .register(notes, {
      description:
        'Signs access tokens; all nodes share one. Without it one is made and kept in the data folder, mode 0600.',
      mend: `at least ${MINIMUM_SECRET_BYTES} random bytes, such as the output of: openssl rand -base64 48`,
    }),
  NATTER_ACCESS_TOKEN_SECONDS: wholeNumber(
    900,
    10,
    86_400,
    'How long an access token lives, in seconds.',
  ),
  NATTER_WEB: choice(
    ['on', 'off'],
    'on',
    'Whether the web client is served at `/`, where it was built.',
  ),
  LOG_LEVEL: choice(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'The least serious level that is logged.',
  ),
  METRICS_PORT: z
    .optional(
      z.pipe(
        z.string().check(z.regex(/^\d{1,5}$/)),
        z.pipe(z.transform(Number), z.int().check(z.minimum(1), z.maximum(65_535))),
      ),
    )
    .register(notes, {
      description:
        'The port of `/metrics`, in the format of Prometheus. Without it nothing is measured, and the path is not served.',
      mend: 'a whole number from 1 to 65535',
    }),
  METRICS_HOST: z._default(z.string().check(z.minLength(1)), '127.0.0.1').register(notes, {
    default: '127.0.0.1',
    description:
      'The address that the metrics are served on; nobody but who scrapes them should reach it.',
    mend: 'an IP address or host name of this machine',
  }),
  CORS_ORIGINS: z.pipe(z._default(z.string(), ''), commaSeparated(ORIGIN)).register(notes, {
    description:
      'Origins of web pages, beside our own, that may call the server, separated by commas. ' +
      'Outside production every port of http://localhost may, too.',
    mend: 'origins such as https://app.example.com, without a path, separated by commas',
  }),
  NATTER_TRUSTED_PROXIES: z
    .pipe(z._default(z.string(), ''), commaSeparated(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/))
    .register(notes, {
      description:
        'Addresses or networks of the reverse proxies whose X-Forwarded-For is believed, separated by commas.',
      mend: 'addresses or networks such as 10.0.0.0/8, separated by commas',
    }),
  NODE_ENV: choice(
    ['development', 'production', 'test'],
    'development',
    '`production` ends the allowance for pages of http://localhost, and refuses a `JWT_SECRET` that can be guessed.',
  ),
  NATTER_RATE_LIMITS: choice(
    ['on', 'off'],
    'on',
    '`off` is for benchmarks and outside tests alone.',
  ),
  NATTER_RATE_SENDS: rate('send'),
  NATTER_RATE_CHANGES: rate('change'),
  NATTER_RATE_RECEIPTS: rate('receipt'),
  NATTER_RATE_EPHEMERAL: rate('ephemeral'),
  NATTER_RATE_READS: rate('read'),
  NATTER_RATE_BURST_SECONDS: wholeNumber(
    rateAllowances.burstSeconds,
    1,
    3600,
    'After a pause one may send as much at once as the rates above allow in this many seconds.',
  ),
  NATTER_REGISTRATIONS_PER_HOUR: wholeNumber(
    5000,
    1,
    1_000_000,
    'Registrations from one network address in an hour; more are refused while rate limits are on.',
  ),
  NATTER_USER_DIRECTORY: choice(
    ['all', 'query', 'off'],
    'all',
    'Whom `GET /v1/users` shows: `all` everybody; `query` those whose names begin with 2 characters or more that ' +
      'are asked for, or are similar to 4 or more; `off` the one whose whole username is asked for.',
  ),
  NATTER_EDIT_WINDOW_SECONDS: wholeNumber(
    0,
    0,
    315_360_000,
    'How long after it was sent a message may be edited, in seconds; 0 is for ever.',
  ),
  NATTER_DELETE_WINDOW_SECONDS: wholeNumber(
    0,
    0,
    315_360_000,
    'How long its sender may delete a message for everyone, in seconds; 0 is for ever. Admins of a group always may.',
  ),
  NATTER_UNSENT_MEDIA_HOURS: wholeNumber(
    24,
    1,
    8760,
    'How long a file is kept that was uploaded and is in no message yet, in hours.',
  ),
  NATTER_UNFINISHED_UPLOAD_HOURS: wholeNumber(
    24,
    1,
    720,
    'How long a resumable upload may take until it has come as a whole, in hours.',
  ),
  NATTER_IDLE_TRANSFER_SECONDS: wholeNumber(
    120,
    1,
    86_400,
    'After how long an upload or a download is cut of which nothing moves, in seconds.',
  ),
  NATTER_VAPID_PRIVATE_KEY: z
    .optional(z.string().check(z.refine((key) => isVapidPrivateKey(key))))
    .register(notes, {
      description:
        'The key by which push services know this installation (VAPID). Without it one is made at the first start and kept ' +
        'in the database. With another key every device has to subscribe again.',
      mend: 'the 32 bytes of a P-256 private key as base64url',
    }),
  NATTER_VAPID_SUBJECT: z
    ._default(
      z.string().check(z.regex(/^(mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/)),
      'mailto:operator@natter.invalid',
    )
    .register(notes, {
      default: 'mailto:operator@natter.invalid',
      description:
        'How push services reach you where something is wrong with your pushes. Set it to a real address in production.',
      mend: 'an address such as mailto:operator@example.com, or an https URL',
    }),
  NATTER_PUSH_CONTENT: choice(
    ['ids', 'preview'],
    'ids',
    'What pushes hold: `ids` nothing but the ids of chat and message, the text is fetched by the device; `preview` also ' +
      'who sent it and how it begins, but not of encrypted messages and of those that live for a time.',
  ),
  NATTER_PUSH_HOSTS: z.pipe(z._default(z.string(), ''), commaSeparated(PUSH_HOST)).register(notes, {
    description:
      'Hosts of the push services that devices may name, separated by commas; `*.` stands for any name below. Without ' +
      'it any public host is allowed, on port 443. Another port has to be named here.',
    mend: 'hosts such as fcm.googleapis.com, *.push.apple.com or push.example.com:8443, separated by commas',
  }),
  NATTER_PUSH_LOOPBACK: choice(
    ['on', 'off'],
    'off',
    '`on` lets devices name push services on this machine, by http too. For development and tests alone.',
  ),
  NATTER_PUSH_GRACE_SECONDS: wholeNumber(
    10,
    0,
    3600,
    'While a user is connected with another device, how long it has to show a message to him before the others are alerted, ' +
      'in seconds.',
  ),
  NATTER_PUSH_TTL_SECONDS: wholeNumber(
    86_400,
    60,
    2_419_200,
    'How long a push service keeps an alert for a device that is away, and how old a message is alerted of, in seconds.',
  ),
  NATTER_PUSH_TIMEOUT_SECONDS: wholeNumber(
    5,
    1,
    60,
    'How long a push service may take to answer, in seconds.',
  ),
  NATTER_PUSH_RETRY_SECONDS: wholeNumber(
    5,
    1,
    3600,
    'After how long a push is tried again that a service did not take, in seconds; each time three times as long. A ' +
      'service that asks for more gets more.',
  ),
  NATTER_PUSH_CONCURRENCY: wholeNumber(
    32,
    1,
    1000,
    'How many pushes a node has under way at once.',
  ),
  NATTER_MAX_TEXT_BYTES: limit('textBytes', 1_048_576),
  NATTER_MAX_CIPHERTEXT_BYTES: limit('ciphertextBytes', 1_048_576),
  NATTER_MAX_HEADER_BYTES: limit('headerBytes', 1_048_576),
  NATTER_MAX_DRAFT_BYTES: limit('draftBytes', 1_048_576),
  NATTER_MAX_CHAT_PINS: limit('chatPins', 10_000),
  NATTER_MAX_USER_REACTIONS: limit('userReactions', 1000),
  NATTER_MAX_MESSAGE_REACTIONS: limit('messageReactions', 1000),
  NATTER_MAX_GROUP_MEMBERS: limit('groupMembers', 100_000),
  NATTER_MAX_USER_DEVICES: limit('userDevices', 1000),
  NATTER_MAX_USER_SOCKETS: limit('userSockets', 100_000),
  NATTER_MAX_MESSAGE_MEDIA: limit('messageMedia', pageLimits.messageMedia),
  NATTER_MAX_MEDIA_BYTES: limit('mediaBytes', 1_099_511_627_776),
  NATTER_MAX_USER_MEDIA_BYTES: limit('userMediaBytes', 1_125_899_906_842_624),
  NATTER_MAX_USER_MEDIA_FILES: limit('userMediaFiles', 1_000_000),
  NATTER_MAX_OPEN_UPLOADS: limit('openUploads', 100_000),
  NATTER_MAX_USER_UPLOADS: limit('userUploads', 10_000),
  NATTER_MAX_FRAME_BYTES: limit('frameBytes', 16_777_216),
  NATTER_MAX_BACKLOG_BYTES: wholeNumber(
    1_048_576,
    65_536,
    1_073_741_824,
    'What may wait for one connection that reads too slowly, in bytes; above it is cut, and its client catches up by sync. ' +
      'One frame alone, such as a large answer, never cuts.',
  ),
  NATTER_MAX_BACKLOG_SECONDS: wholeNumber(
    30,
    1,
    3600,
    'How long anything may wait for one connection, in seconds, before that is cut.',
  ),
  NATTER_MAX_SOCKETS: wholeNumber(
    50_000,
    1,
    10_000_000,
    'Connections of this node, authenticated or not; more are turned away, and try again by themselves.',
  ),
  NATTER_MAX_HANDSHAKES: wholeNumber(
    1000,
    1,
    1_000_000,
    'Sockets that are being authenticated at once; more are turned away, and try again by themselves.',
  ),
  NATTER_MAX_ADDRESS_HANDSHAKES: wholeNumber(
    500,
    1,
    1_000_000,
    'Connections from one network address that are not authenticated yet; more are turned away, and try again by themselves.',
  ),
  NATTER_MAX_REQUESTS: wholeNumber(
    20_000,
    1,
    10_000_000,
    'Commands and requests under way on this node; more are refused as `UNAVAILABLE` with `retryAfterMs`.',
  ),
  NATTER_MAX_WAITING_SENDS: wholeNumber(
    20_000,
    1,
    10_000_000,
    'Messages that wait on this node to be stored; more are refused as `UNAVAILABLE` with `retryAfterMs`.',
  ),
  NATTER_MAX_SEND_WAIT_MS: wholeNumber(
    2000,
    10,
    60_000,
    'How far, in milliseconds, a node may fall behind with the storing of messages, where they are more than a batch, before ' +
      'it refuses more of them.',
  ),
  NATTER_MAX_WAITING_CHANGES: wholeNumber(
    5000,
    1,
    10_000_000,
    'Edits, reactions and other changes that wait on this node for their turn; more are refused.',
  ),
  NATTER_MAX_WAITING_MARKS: wholeNumber(
    20_000,
    1,
    10_000_000,
    "Members' receipts that wait on this node to be stored; more are refused.",
  ),
  NATTER_MAX_WAITING_PASSWORDS: wholeNumber(
    500,
    1,
    1_000_000,
    'Passwords that wait on this node to be hashed, of logins and of registrations each; more are refused.',
  ),
  NATTER_DRAIN_SECONDS: wholeNumber(
    15,
    1,
    3600,
    'How long a node may take to stop, in seconds: to answer what it has taken on, and to close its connections. Then it ' +
      'ends all the same.',
  ),
  NATTER_RECONNECTS_PER_SECOND: wholeNumber(
    500,
    1,
    1_000_000,
    'Over how much time the clients of a stopping node are told to spread their return: this many come back each second, ' +
      'all of them within 10 seconds.',
  ),
});

const schemas = new Map<string, z.core.$ZodType>(Object.entries(Environment.shape));

export const settingNames: readonly string[] = [...schemas.keys()];

/** What is said of a setting in the configuration page, and where its value is wrong. */
export function settingNote(name: string): SettingNote | undefined {
  const schema = schemas.get(name);
  return schema && notes.get(schema);
}
