import { randomUUID } from 'node:crypto';
import {
  chatsBehindIndex,
  createTestDatabase,
  queryDatabase,
  seedGroup,
  seedGroupsOf,
  startTestServer,
  type TestDatabase,
  TestPushService,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usesOf } from './table-uses.js';

const MEMBERS = 50;
const GROUPS = 200;
const MESSAGES = 200;
/** Of others that stand and are looked at when a server starts. */
const STANDING = 2000;
const ROUNDS = 10;
/** The others are small here. */
const TABLES = ['messages', 'members', 'marks'];
const push = { loopback: true, graceMs: 0 };

let database: TestDatabase;
let service: TestPushService;

beforeAll(async () => {
  database = await createTestDatabase();
  service = await TestPushService.start();
});
afterAll(async () => {
  await service.stop();
  await database.drop();
});

/** Members with subscriptions and alerts in many groups with many messages. */
async function crowd(): Promise<void> {
  const { userIds } = await seedGroup(database.url, MEMBERS);
  const chatIds = await seedGroupsOf(database.url, userIds, GROUPS);
  const run = (text: string, values: unknown[] = []) => queryDatabase(database.url, text, values);
  await run(
    `insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
     select chat_id, n, n, gen_random_uuid(), 'text', $2, 'hello', now()
     from unnest($1::uuid[]) chat_id, generate_series(1, ${MESSAGES}) n`,
    [chatIds, userIds[0]],
  );
  await run('update chats set last_seq = $2, last_ordinal = $2 where id = any ($1)', [
    chatIds,
    MESSAGES,
  ]);
  await run(
    `insert into devices (id, user_id, name, refresh_nonce)
     select gen_random_uuid(), user_id, '', '' from unnest($1::uuid[]) user_id, generate_series(1, 20)`,
    [userIds],
  );
  await run(
    `insert into push_subscriptions (device_id, user_id, endpoint, service, p256dh, auth)
     select id, user_id, 'http://127.0.0.1:9/' || id, '127.0.0.1:9', '', '' from devices where name = ''`,
  );
  await run(
    `insert into push_positions (chat_id, planned_seq) select unnest($1::uuid[]), ${MESSAGES}`,
    [chatIds],
  );
  await run(
    `insert into push_alerts (device_id, chat_id, user_id, after_seq, seq, sent_at, handed_seq)
     select s.device_id, c.id, s.user_id, 0, ${MESSAGES}, now(), ${MESSAGES}
     from push_subscriptions s, unnest($1::uuid[]) as c (id)
     where s.user_id <> $2 order by s.device_id limit ${STANDING}`,
    [chatIds, userIds[0]],
  );
}

it('PUSH-3 PUSH-4 an alert and its end cost nothing of what others have', async () => {
  await crowd();
  const first = await startTestServer({ databaseUrl: database.url, push });
  const [anna, ben] = await Promise.all([first.user(), first.user()]);
  const chat = await anna.direct(ben);
  const phone = await service.subscription().of(ben);
  const behind = () => chatsBehindIndex(database.url);
  await expect.poll(behind, { timeout: 50_000, interval: 100 }).toBe(0);
  await first.stop();
  await queryDatabase(database.url, 'vacuum analyze');

  const uses = await usesOf(
    database.url,
    async (url) => {
      const [writer, reader] = [anna, ben].map(({ session }) => new TestUser(url, session));
      for (let seq = 1; seq <= ROUNDS; seq += 1) {
        const body = { kind: 'text', text: 'hello', clientMessageId: randomUUID() };
        await writer?.call('sendMessage', { params: { id: chat.id }, body });
        await expect.poll(() => phone.received.length, { timeout: 20_000 }).toBe(2 * seq - 1);
        await reader?.call('setMarks', { params: { id: chat.id }, body: { seenSeq: seq } });
        await expect.poll(() => phone.received.length, { timeout: 20_000 }).toBe(2 * seq);
      }
    },
    { push },
  );
  for (const table of TABLES) expect(uses.get(table)?.scans, table).toBe(0);
  // Those that stand are looked at once, each by its key.
  expect(uses.get('messages')?.rows).toBeLessThan(STANDING * 2);
  expect(uses.get('push_subscriptions')?.rows).toBeLessThan(ROUNDS * 20);
  expect(uses.get('push_alerts')?.rows).toBeLessThan(STANDING * 3);
});
