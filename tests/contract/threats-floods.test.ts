import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import {
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

/** What a device may do at once, where next to none of it comes back while a test runs. */
const ALLOWED = { change: 40, receipt: 10, ephemeral: 10 };
/** All of a device's excess together is below what ends its socket. */
const FLOOD = 1000;
const HOUR = 3600;

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let flood: TestSocket;
let atBen: TestSocket;
let chat: Chat;
let bystanders: TestUser[];

beforeAll(async () => {
  server = await startTestServer({
    rates: {
      send: 1e6,
      read: 1e6,
      change: ALLOWED.change / HOUR,
      receipt: ALLOWED.receipt / HOUR,
      ephemeral: ALLOWED.ephemeral / HOUR,
    },
    rateBurstSeconds: HOUR,
  });
});
afterAll(() => server.stop());
beforeEach(async () => {
  bystanders = await Promise.all([server.user(), server.user()]);
  [anna, ben] = await Promise.all([server.user(), server.user()]);
  chat = await ben.direct(anna);
  [flood, atBen] = await Promise.all([anna.connect(), ben.connect()]);
});
afterEach(() => {
  for (const user of [anna, ben, ...bystanders]) user.disconnect();
});

/** Runs a flood while two others talk: whatever they send is acknowledged and arrives in order. */
async function whileOthersTalk<T>(flooding: Promise<T>): Promise<T> {
  const [one, other] = bystanders;
  if (!one || !other) throw new Error('There is nobody to talk');
  const talk = await one.direct(other);
  const [sender, receiver] = [await one.connect(), await other.connect()];
  const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`);
  for (const text of texts) await sender.send(talk.id, text);
  await receiver.until(() => receiver.texts(talk.id).length === texts.length, 'all texts');
  expect(receiver.texts(talk.id)).toEqual(texts);
  return flooding;
}

it('T43 TYP-1 of a flood of typing what is over the rate is answered and told to nobody', async () => {
  const answers = await whileOthersTalk(
    Promise.all(Array.from({ length: FLOOD }, () => flood.answer('typing', { chatId: chat.id }))),
  );
  expect(answers.filter((answer) => !answer.ok)).toEqual([]);
  await atBen.next('typing');
  // Over the rate, and so without effect: it is the message that ends the typing.
  await flood.command('stopTyping', { chatId: chat.id });
  expect(atBen.of('stopTyping')).toEqual([]);
  await flood.send(chat.id, 'the end');
  await atBen.next('stopTyping');
  expect(atBen.of('typing').length).toBeLessThanOrEqual(ALLOWED.ephemeral);
});

it('T43 RCPT-1 a flood of marks is gathered: all are acknowledged, and few are written', async () => {
  for (let count = 0; count < 50; count += 1) await atBen.send(chat.id, `text ${count}`);
  const { body: before } = await anna.call('getChat', { params: { id: chat.id } });
  const answers = await whileOthersTalk(
    Promise.all(
      Array.from({ length: FLOOD }, (_, index) =>
        flood.answer(index % 2 === 0 ? 'messageSeen' : 'messageDelivered', {
          chatId: chat.id,
          seq: 1 + (index % before.lastSeq),
        }),
      ),
    ),
  );
  expect(answers.filter((answer) => !answer.ok)).toEqual([]);
  const { body: after } = await anna.call('getChat', { params: { id: chat.id } });
  expect(after.me).toMatchObject({ deliveredSeq: before.lastSeq, seenSeq: before.lastSeq - 1 });
  const [row] = await queryDatabase<{ count: string }>(
    server.databaseUrl,
    'select count(*) from mark_history where chat_id = $1 and user_id = $2',
    [chat.id, anna.id],
  );
  expect(Number(row?.count)).toBeLessThan(FLOOD / 10);
  await atBen.next('messageStatusUpdated', ({ updates }) =>
    updates.some(({ seq }) => seq === before.lastSeq),
  );
  expect(atBen.of('messageStatusUpdated').length).toBeLessThan(FLOOD / 10);
});

it('T43 RATE-1 of a flood of reactions each is done and an entry, or RATE_LIMITED and nothing', async () => {
  const { id: messageId, seq } = await flood.send(chat.id, 'react');
  const answers = await whileOthersTalk(
    Promise.all(
      Array.from({ length: FLOOD }, (_, index) =>
        flood.answer(index % 2 === 0 ? 'addReaction' : 'removeReaction', {
          messageId,
          emoji: '👍',
        }),
      ),
    ),
  );
  const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
  expect(new Set(refused)).toEqual(new Set(['RATE_LIMITED']));
  expect(answers.length - refused.length).toBeLessThanOrEqual(ALLOWED.change);
  const seqs = answers.flatMap((answer) => (answer.ok ? (answer.data.seq ?? []) : []));
  expect(seqs.length).toBeGreaterThan(0);
  expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs.map((_, index) => seq + 1 + index));
  const { body } = await ben.call('getChat', { params: { id: chat.id } });
  expect(body.lastSeq).toBe(seq + seqs.length);
  await atBen.until(() => atBen.of('reactionChanged').length === seqs.length, 'every entry');
});

it('T43 RATE-1 a flood of drafts leaves the last one that was taken', async () => {
  const answers = await whileOthersTalk(
    Promise.all(
      Array.from({ length: FLOOD }, (_, index) =>
        flood.answer('setDraft', { chatId: chat.id, text: `${index} ${randomUUID()}` }),
      ),
    ),
  );
  const taken = answers.filter((answer) => answer.ok).length;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(ALLOWED.change);
  await flood.until(() => flood.of('draftChanged').length === taken, 'every draft');
  const { body } = await anna.call('getChat', { params: { id: chat.id } });
  expect(flood.of('draftChanged').at(-1)?.draft).toEqual(body.me?.draft);
});
