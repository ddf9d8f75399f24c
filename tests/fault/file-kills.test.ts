import { randomInt } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Session } from '@natter/protocol';
import {
  ForgettingService,
  ReconciliationService,
  ResumableUploadsService,
} from '@natter/server/media';
import {
  ChildServer,
  createTestDatabase,
  freshName,
  PASSWORD,
  queryDatabase,
  sendRequest,
  startTestServer,
  storedFiles,
  type TestDatabase,
  type TestServer,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FileSender, type SenderCounts, type SentFile, sha256 } from './file-sender.js';

const KILLS = Number(process.env['NATTER_FILE_KILLS'] ?? 5);
const SENDERS = 5;
/** Answers between two kills. */
const STEPS = { least: 15, most: 90 };
/** And somewhat more, so that a kill is not always right behind an answer. */
const MOST_DELAY_MS = 50;

let database: TestDatabase;
let child: ChildServer;

beforeAll(async () => {
  database = await createTestDatabase();
  child = await ChildServer.prepare({
    DATABASE_URL: database.url,
    NATTER_ACCESS_TOKEN_SECONDS: '86400',
    NATTER_RATE_LIMITS: 'off',
  });
  await child.start();
});

afterAll(async () => {
  await child.dispose();
  await database.drop();
});

/** Kills the server at moments that nobody chooses, while the senders work. */
async function killAgainAndAgain(senders: readonly FileSender[]): Promise<void> {
  const running = Promise.all(senders.map((sender) => sender.run()));
  const failed = running.then(() => Promise.reject(new Error('The senders have ended')));
  failed.catch(() => undefined);
  const steps = () => senders.reduce((sum, sender) => sum + sender.steps, 0);
  try {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const goal = steps() + randomInt(STEPS.least, STEPS.most);
      while (steps() < goal) await Promise.race([failed, pass(1)]);
      await pass(randomInt(MOST_DELAY_MS));
      await child.kill('SIGKILL');
      await child.start();
    }
  } finally {
    for (const sender of senders) sender.stop();
    await running;
  }
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function login(server: TestServer, username: string): Promise<TestUser> {
  const { status, body } = await sendRequest(server.url, 'login', {
    body: { username, password: PASSWORD },
  });
  expect(status).toBe(200);
  return new TestUser(server.url, body as Session);
}

/** What is wrong with the files that a member must be able to open. */
async function damaged(member: TestUser, files: readonly SentFile[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { mediaId, messageId, sha256: uploaded } of files) {
    const response = await member.fetch(`/v1/media/${mediaId}/content`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const hash = sha256(bytes);
    // The server notes what it stored when it was stored.
    const noted = Buffer.from(response.headers.get('etag') ?? '', 'base64url').toString('hex');
    const isWhole = response.status === 200 && hash === noted && hash === (uploaded ?? hash);
    if (!isWhole) wrong.push(`${messageId}: ${response.status}, ${bytes.length} bytes`);
    if (uploaded !== undefined) continue;
    const thumbnail = await member.fetch(`/v1/media/${mediaId}/thumbnail`);
    const small = Buffer.from(await thumbnail.arrayBuffer());
    if (small.subarray(8, 12).toString() !== 'WEBP') wrong.push(`${messageId}: no thumbnail`);
  }
  return wrong;
}

/** What there is below a folder but folders; nothing where it is not there. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function sum(all: readonly SenderCounts[]): SenderCounts {
  const total = { forms: 0, resumable: 0, resumed: 0, abandoned: 0, deleted: 0, interrupted: 0 };
  for (const counts of all) {
    for (const key of Object.keys(total) as (keyof SenderCounts)[]) total[key] += counts[key];
  }
  return total;
}

it(`G23 ${KILLS} kills between the steps of uploads, sends and deletions leave each acknowledged file whole and nothing dangling`, async () => {
  const [ben, ...annas] = await Promise.all(
    Array.from({ length: SENDERS + 1 }, () => TestUser.register(child.url, freshName('files'))),
  );
  if (!ben) throw new Error('There is nobody');
  const group = await ben.group(annas);
  const senders = annas.map((anna) => new FileSender(anna, group.id));
  await killAgainAndAgain(senders);
  await child.kill('SIGKILL');

  const server = await startTestServer({
    databaseUrl: database.url,
    dataFolder: child.dataFolder,
    // All is old enough to be given up.
    unsentMediaMs: 0,
    unfinishedUploadMs: 0,
  });
  try {
    const sent = senders.flatMap((sender) => [...sender.sent.values()]);
    const deleted = senders.flatMap((sender) => sender.deleted);
    const { application } = server.natter;
    const expired = await application.get(ResumableUploadsService).removeExpired();
    await application.get(ForgettingService).forget();
    const found = await application.get(ReconciliationService).reconcile(0);
    const again = await application.get(ReconciliationService).reconcile(0);
    const counts = sum(senders.map((sender) => sender.counts));
    process.stdout.write(
      `${JSON.stringify({ kills: KILLS, sent: sent.length, ...counts, expired, ...found })}\n`,
    );

    expect(found.missing).toEqual([]);
    expect(again).toEqual({ removedFiles: 0, removedUnfinished: 0, missing: [] });
    const rows = await queryDatabase<{ id: string; thumbnail_size: number | null }>(
      database.url,
      'select id, thumbnail_size from media',
    );
    // Neither a row nor a file that no message holds, nor a message that lacks either.
    expect(rows.map(({ id }) => id).toSorted()).toEqual(
      sent.map(({ mediaId }) => mediaId).toSorted(),
    );
    expect((await storedFiles(server)).toSorted()).toEqual(
      rows
        .flatMap(({ id, thumbnail_size: size }) => [
          `${id}.content`,
          ...(size === null ? [] : [`${id}.thumbnail`]),
        ])
        .toSorted(),
    );
    for (const folder of ['uploads', 'resumable', 'media/.unfinished']) {
      expect(await filesBelow(join(child.dataFolder, folder))).toEqual([]);
    }
    const member = await login(server, ben.session.user.username);
    expect(await damaged(member, sent)).toEqual([]);
    for (const { mediaId } of deleted) {
      expect((await member.fail('getMedia', { params: { id: mediaId } })).code).toBe('NOT_FOUND');
    }
    expect(counts.interrupted).toBeGreaterThan(0);
    expect(sent.length).toBeGreaterThan(KILLS);
  } finally {
    await server.stop();
  }
});
