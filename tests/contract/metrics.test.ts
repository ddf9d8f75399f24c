import {
  type DirectChat,
  freePort,
  queryDatabase,
  sendRequest,
  startTestServer,
  TestPushService,
  type TestServer,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;
let metricsUrl: string;
let talk: DirectChat;
beforeAll(async () => {
  const metricsPort = await freePort();
  server = await startTestServer({ metricsPort, push: { loopback: true, graceMs: 0 } });
  metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  talk = await server.directChat();
});
afterAll(async () => {
  talk.anna.disconnect();
  talk.ben.disconnect();
  await server.stop();
});

async function readMetrics(): Promise<string> {
  const response = await fetch(metricsUrl);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  return response.text();
}

/** The value of one line, whose labels are written as they stand there. */
function valueOf(text: string, line: string): number {
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length));
}

it('T79 metrics count connections, commands and requests by name and result, and the way of a message', async () => {
  const { anna, chat, atAnna, atBen } = talk;
  const { body: before } = await anna.call('getChat', { params: { id: chat.id } });
  for (const text of ['one', 'two', 'three']) await atAnna.send(chat.id, text);
  await atAnna.fail('sendMessage', { chatId: chat.id });
  await atAnna.fail('sendMessage', {
    chatId: before.createdBy,
    clientMessageId: anna.id,
    text: 'x',
  });
  await atBen.command('sync', {});
  const text = await readMetrics();
  expect(valueOf(text, 'natter_connections{kind="authenticated"}')).toBe(2);
  expect(valueOf(text, 'natter_commands_total{command="sendMessage",result="ok"}')).toBe(3);
  expect(valueOf(text, 'natter_commands_total{command="sendMessage",result="INVALID"}')).toBe(1);
  expect(valueOf(text, 'natter_commands_total{command="sendMessage",result="NOT_FOUND"}')).toBe(1);
  expect(valueOf(text, 'natter_command_seconds_count{command="sendMessage"}')).toBe(5);
  expect(valueOf(text, 'natter_requests_total{route="getChat",status="200"}')).toBeGreaterThan(0);
  expect(valueOf(text, 'natter_append_batch_messages_sum')).toBe(4);
  for (const stage of ['queue', 'commit', 'publish']) {
    expect(valueOf(text, `natter_append_seconds_count{stage="${stage}"}`)).toBeGreaterThan(0);
  }
  expect(valueOf(text, 'natter_sync_entries_count')).toBe(1);
  expect(valueOf(text, 'natter_backlog_cuts_total')).toBe(0);
  expect(valueOf(text, 'natter_database_connections{state="open"}')).toBeGreaterThan(0);
  expect(valueOf(text, 'natter_writer_connections{state="open"}')).toBeGreaterThan(0);
  expect(valueOf(text, 'natter_tail_age_seconds')).toBeGreaterThanOrEqual(0);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
});

it('T79 metrics name nobody, no chat and no address, whatever clients send', async () => {
  const { anna, ben, chat, atAnna } = talk;
  const made = 'a name that a client has made up';
  const answer = await atAnna.raw.timeout(30_000).emitWithAck(made, {});
  expect(answer).toMatchObject({ ok: false });
  await anna.fail('getChat', { params: { id: ben.id } });
  const text = await readMetrics();
  for (const secret of [anna.id, ben.id, chat.id, anna.session.user.username, made, '127.0.0.1']) {
    expect(text).not.toContain(secret);
  }
  expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  expect(valueOf(text, 'natter_commands_total{command="unknown",result="INVALID"}')).toBe(1);
});

it('T79 metrics count what became of pushes, and the readings of rows that cannot be read', async () => {
  const { anna, ben, chat, atAnna } = talk;
  const service = await TestPushService.start();
  const laptop = await service.subscription().of(await ben.otherDevice());
  const lost = await service.subscription({ status: 410 }).of(await ben.otherDevice());
  const bad = await atAnna.send(chat.id, 'to be alerted of');
  await expect.poll(() => [laptop.alerted, lost.alerted]).toEqual([[bad.seq], [bad.seq]]);
  for (const outcome of ['sent', 'gone']) {
    const line = `natter_pushes_total{outcome="${outcome}"}`;
    await expect.poll(async () => valueOf(await readMetrics(), line)).toBe(1);
  }
  // It may be pushed before it is measured.
  const late = `update push_alerts set due_at = now() - interval '1 hour'`;
  const lagOfLate = async () => {
    await queryDatabase(server.databaseUrl, late);
    return valueOf(await readMetrics(), 'natter_push_lag_seconds');
  };
  await expect.poll(lagOfLate, { timeout: 30_000 }).toBeGreaterThanOrEqual(3600);
  await queryDatabase(server.databaseUrl, 'update messages set system = $2 where id = $1', [
    bad.id,
    '{}',
  ]);
  const line = 'natter_unreadable_rows_total{what="system"}';
  expect(valueOf(await readMetrics(), line)).toBeNaN();
  await anna.call('getMessage', { params: { id: bad.id } });
  expect(valueOf(await readMetrics(), line)).toBe(1);
  await service.stop();
});

it('T79 metrics are served on their own port alone, and nothing else is there', async () => {
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  for (const path of ['/', '/readyz', '/metrics/x', '/v1/users/me']) {
    expect((await fetch(new URL(path, metricsUrl))).status).toBe(404);
  }
  expect((await fetch(metricsUrl, { method: 'POST' })).status).toBe(404);
  expect((await sendRequest(server.url, 'getHealth')).status).toBe(200);
});
