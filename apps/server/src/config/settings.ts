import {
  configurableLimits,
  type LimitName,
  pageLimits,
  rateAllowances,
  type RateClass,
  rateClasses,
} from '@natter/protocol';
import * as z from 'zod/mini';

/** What an operator is told of one setting. */
export interface SettingNote {
  readonly description: string;
  /** The default as an operator would write it; none where the setting is off without a value. */
  readonly default?: string;
  /** Completes "set it to …" where the value is wrong. */
  readonly mend: string;
}

const notes = z.registry<SettingNote>();

function wholeNumber(fallback: number, minimum: number, maximum: number, description: string) {
  return z
    .pipe(
      z._default(z.string().check(z.regex(/^\d{1,16}$/)), String(fallback)),
      z.pipe(z.transform(Number), z.int().check(z.minimum(minimum), z.maximum(maximum))),
    )
    .register(notes, {
      description,
      default: String(fallback),
      mend: `a whole number from ${minimum} to ${maximum}`,
    });
}

function choice<const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
  description: string,
) {
  const [first, ...others] = values;
  return z
    .pipe(z._default(z.string(), fallback), z.enum([first, ...others] as const))
    .register(notes, { description, default: fallback, mend: `one of ${values.join(', ')}` });
}

function limit(name: LimitName, maximum: number) {
  const { default: fallback, what, unit } = configurableLimits[name];
  return wholeNumber(fallback, 1, maximum, `The most that ${what} may hold, in ${unit}.`);
}

function rate(name: RateClass) {
  const { perSecond, what } = rateClasses[name];
  return wholeNumber(
    perSecond,
    1,
    1_000_000,
    `How often one device may ${what}, in requests per second (class \`${name}\` in docs/rates.md). ` +
      `All devices of a user together have ${rateAllowances.devicesPerUser} times as much.`,
  );
}

function commaSeparated(pattern: RegExp) {
  return z.pipe(
    z.transform((list: string) =>
      list
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean),
    ),
    z.array(z.string().check(z.regex(pattern))),
  );
}

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
  NATTER_WRITERS: wholeNumber(
    2,
    1,
    16,
    'Connections that append messages. Each has one batch in flight, so few connections give large batches.',
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
  LOG_LEVEL: choice(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'The least serious level that is logged.',
  ),
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
});

const schemas = new Map<string, z.core.$ZodType>(Object.entries(Environment.shape));

export const settingNames: readonly string[] = [...schemas.keys()];

/** What is said of a setting in the configuration page, and where its value is wrong. */
export function settingNote(name: string): SettingNote | undefined {
  const schema = schemas.get(name);
  return schema && notes.get(schema);
}
