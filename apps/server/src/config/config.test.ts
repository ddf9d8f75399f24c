import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { builtWeb, type Config, ConfigurationError, readConfig } from './config.js';

function problemsOf(variables: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('without any setting', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: '0.0.0.0',
      databaseUrl: undefined,
      databasePool: 16,
      databasePatience: { connectionMs: 5000, queryMs: 10_000 },
      redisUrl: undefined,
      writers: 2,
      workers: 1,
      dataFolder: './data',
      mediaFolder: 'data/media',
      bucket: undefined,
      inspection: {
        processes: 2,
        timeoutMs: 30_000,
        mostPixels: 50_000_000,
        ffmpegFolder: undefined,
      },
      jwtSecret: undefined,
      accessTokenSeconds: 900,
      passwordCost: { memoryKib: 7168, passes: 5 },
      webFolder: builtWeb,
      logLevel: 'info',
      corsOrigins: [],
      trustedProxies: [],
      production: false,
      rateLimits: true,
      rates: { send: 100, change: 50, receipt: 100, ephemeral: 20, read: 100 },
      rateBurstSeconds: 20,
      registrationsPerHour: 5000,
      userDirectory: 'all',
      editWindowMs: undefined,
      deleteWindowMs: undefined,
      unfinishedUploadMs: 86_400_000,
      idleTransferMs: 120_000,
      unsentMediaMs: 86_400_000,
      limits: {
        textBytes: 16_384,
        ciphertextBytes: 65_536,
        headerBytes: 4096,
        draftBytes: 16_384,
        chatPins: 50,
        userReactions: 20,
        messageReactions: 100,
        groupMembers: 1024,
        userDevices: 25,
        userSockets: 250,
        messageMedia: 10,
        mediaBytes: 104_857_600,
        userMediaBytes: 10_737_418_240,
        userMediaFiles: 20_000,
        openUploads: 200,
        userUploads: 64,
        frameBytes: 262_144,
      },
      push: {
        vapidPrivateKey: undefined,
        vapidSubject: 'mailto:operator@natter.invalid',
        content: 'ids',
        hosts: [],
        loopback: false,
        graceMs: 10_000,
        ttlSeconds: 86_400,
        timeoutMs: 5000,
        retryMs: 5000,
        concurrency: 32,
      },
      metricsPort: undefined,
      metricsHost: '127.0.0.1',
      drainMs: 15_000,
      capacity: {
        backlogBytes: 1_048_576,
        backlogMs: 30_000,
        sockets: 50_000,
        handshakes: 1000,
        addressHandshakes: 500,
        requests: 20_000,
        waitingSends: 20_000,
        sendWaitMs: 2000,
        waitingChanges: 5000,
        waitingMarks: 20_000,
        waitingPasswords: 500,
        reconnectsPerSecond: 500,
      },
    } satisfies Config);
  });

  it('counts an empty variable as not set', () => {
    expect(readConfig({ PORT: '', JWT_SECRET: '', LOG_LEVEL: '', NATTER_DATA: undefined })).toEqual(
      readConfig({}),
    );
  });

  it('ignores what is not its own', () => {
    expect(readConfig({ PATH: '/bin', HOME: '/', PGHOST: 'elsewhere' })).toEqual(readConfig({}));
  });
});

describe('a value', () => {
  it('is read into its own type', () => {
    const config = readConfig({
      PORT: '0',
      HOST: '::',
      DATABASE_URL: 'postgresql://natter@db/natter',
      DATABASE_POOL: '40',
      NATTER_WRITERS: '4',
      NATTER_ACCESS_TOKEN_SECONDS: '60',
      LOG_LEVEL: 'debug',
      NODE_ENV: 'production',
      NATTER_RATE_LIMITS: 'off',
      NATTER_RATE_SENDS: '1',
      NATTER_RATE_CHANGES: '2',
      NATTER_RATE_RECEIPTS: '3',
      NATTER_RATE_EPHEMERAL: '4',
      NATTER_RATE_READS: '5',
      NATTER_RATE_BURST_SECONDS: '6',
      NATTER_MAX_TEXT_BYTES: '100',
      NATTER_MAX_GROUP_MEMBERS: '3',
      NATTER_MAX_FRAME_BYTES: '1000',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::',
      databaseUrl: 'postgresql://natter@db/natter',
      databasePool: 40,
      writers: 4,
      accessTokenSeconds: 60,
      logLevel: 'debug',
      production: true,
      rateLimits: false,
      rates: { send: 1, change: 2, receipt: 3, ephemeral: 4, read: 5 },
      rateBurstSeconds: 6,
      limits: { textBytes: 100, groupMembers: 3, frameBytes: 1000 },
    });
  });

  it('of a bucket is one of several', () => {
    const settings = {
      S3_BUCKET: 'natter-media',
      S3_ENDPOINT: 'http://127.0.0.1:9000',
      S3_ACCESS_KEY_ID: 'id',
      S3_SECRET_ACCESS_KEY: 'secret',
      S3_PATH_STYLE: 'on',
    };
    expect(readConfig({ ...settings, MEDIA_DIR: '/srv/media' })).toMatchObject({
      mediaFolder: '/srv/media',
      bucket: {
        name: 'natter-media',
        endpoint: 'http://127.0.0.1:9000',
        region: 'us-east-1',
        accessKeyId: 'id',
        secretAccessKey: 'secret',
        pathStyle: true,
      },
    });
    expect(problemsOf({ ...settings, S3_BUCKET: undefined })).toEqual([
      'S3_ENDPOINT: it needs S3_BUCKET; set it to the name of a bucket of S3, or of a server that speaks its protocol',
    ]);
    expect(problemsOf({ ...settings, S3_ACCESS_KEY_ID: '' })).toEqual([
      'S3_SECRET_ACCESS_KEY: it needs S3_ACCESS_KEY_ID; set it to the id of an access key',
    ]);
    expect(problemsOf({ ...settings, S3_SECRET_ACCESS_KEY: undefined })).toEqual([
      'S3_ACCESS_KEY_ID: it needs S3_SECRET_ACCESS_KEY; set it to the secret of the access key',
    ]);
  });

  it.each(['65536', '-1', '1e3', '0x10', '3000.5', ' 3000', 'three', '99999999999999999999'])(
    'of a port is not %j',
    (port) => {
      expect(problemsOf({ PORT: port })).toEqual([
        `PORT: ${JSON.stringify(port)} is not valid; set it to a whole number from 0 to 65535`,
      ]);
    },
  );

  it.each([
    ['NODE_ENV', 'prod', 'one of development, production, test'],
    ['LOG_LEVEL', 'INFO', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['NATTER_RATE_LIMITS', 'false', 'one of on, off'],
    ['NATTER_WRITERS', '0', 'a whole number from 1 to 16'],
  ])('of %s is not %s', (name, value, mend) => {
    expect(problemsOf({ [name]: value })).toEqual([
      `${name}: ${JSON.stringify(value)} is not valid; set it to ${mend}`,
    ]);
  });
});

describe('CORS_ORIGINS', () => {
  it('is a list with commas, spaces around them allowed', () => {
    const { corsOrigins } = readConfig({
      CORS_ORIGINS: ' https://a.example ,http://b.example:8080,, http://[::1]:3000 ',
    });
    expect(corsOrigins).toEqual([
      'https://a.example',
      'http://b.example:8080',
      'http://[::1]:3000',
    ]);
  });

  it.each([
    '*',
    'a.example',
    'https://a.example/',
    'https://a.example/path',
    'ftp://a.example',
    'null',
  ])('does not take %s, also not beside good ones', (origin) => {
    expect(problemsOf({ CORS_ORIGINS: `https://good.example,${origin}` })).toEqual([
      expect.stringMatching(
        /^CORS_ORIGINS: .* set it to origins such as https:\/\/app\.example\.com/,
      ),
    ]);
  });
});

describe('JWT_SECRET', () => {
  it('is at least 32 bytes, not characters', () => {
    expect(problemsOf({ JWT_SECRET: 'x'.repeat(31) })).toEqual([
      expect.stringMatching(
        /^JWT_SECRET: its value is not valid; set it to at least 32 random bytes/,
      ),
    ]);
    expect(readConfig({ JWT_SECRET: 'x'.repeat(32) }).jwtSecret).toBe('x'.repeat(32));
    expect(readConfig({ JWT_SECRET: 'é'.repeat(16) }).jwtSecret).toBe('é'.repeat(16));
  });
});

describe('JWT_SECRET in production', () => {
  it.each([
    'x'.repeat(64),
    'abc'.repeat(20),
    'k7Qp2-vR9x'.repeat(4),
    'change-me-change-me-change-me-please',
    'ChangeThisToSomethingThatNobodyKnows',
    'your-256-bit-secret-your-256-bit-sec',
    'my super secret key for signing JWTs',
    'an example of 32 bytes, or even more',
    '01234567890123456789012345678901',
    'a natter server of my very own, dear',
  ])('is not %s', (secret) => {
    expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: secret })).toEqual([
      expect.stringMatching(/^JWT_SECRET: its value can be guessed; set it to at least 32 random/),
    ]);
    expect(readConfig({ JWT_SECRET: secret }).jwtSecret).toBe(secret);
  });

  it('is what the advice gives, in each of its forms', () => {
    for (let round = 0; round < 1000; round += 1) {
      for (const form of ['base64', 'base64url', 'hex'] as const) {
        const secret = randomBytes(48).toString(form);
        expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: secret })).toEqual([]);
      }
    }
  });

  it('that is too short is one problem', () => {
    expect(problemsOf({ NODE_ENV: 'production', JWT_SECRET: 'secret' })).toHaveLength(1);
  });
});

describe('the refusal', () => {
  it('lists all problems at once, each with how to mend it', () => {
    const wrong = {
      PORT: 'x',
      JWT_SECRET: 'short',
      LOG_LEVEL: 'loud',
      CORS_ORIGINS: 'one,two',
      NATTER_WRITER: '3',
      NATTER_max_text_bytes: '1',
    };
    const problems = problemsOf(wrong);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(Object.keys(wrong));
    for (const problem of problems)
      expect(problem).toMatch(/; (set it to|remove it, or take a name from) ./);
    expect(() => readConfig(wrong)).toThrow(problems.map((problem) => `  - ${problem}`).join('\n'));
  });

  it('names an unknown setting, also an empty one and beside good values', () => {
    expect(problemsOf({ PORT: '3000', NATTER_PORT: '3000', NATTER_: '' })).toEqual([
      'NATTER_PORT: there is no such setting; remove it, or take a name from docs/configuration.md',
      'NATTER_: there is no such setting; remove it, or take a name from docs/configuration.md',
    ]);
  });

  it('never repeats a secret', () => {
    const message = String(
      problemsOf({
        JWT_SECRET: 'hunter2',
        DATABASE_URL: 'mysql://natter:swordfish@db/natter',
        PORT: 'x',
      }),
    );
    expect(message).toContain('JWT_SECRET');
    expect(message).toContain('DATABASE_URL');
    expect(message).not.toMatch(/hunter2|swordfish/);
  });
});
