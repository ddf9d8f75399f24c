import { randomUUID } from 'node:crypto';
import type { ChatEntry, Message } from '@natter/protocol';
import { startTestServer, type TestServer, type TestUser } from '@natter/testing';
import { afterEach, expect, it } from 'vitest';

const MIB = 1024 * 1024;
const TEXT = 'x'.repeat(16 * 1024);
/** More than the kernel takes of it on both ends of a connection that nobody reads from. */
const MESSAGES = (24 * MIB) / TEXT.length;
const WAVE = 64;

let server: TestServer;
let users: TestUser[];
afterEach(async () => {
  for (const user of users) user.disconnect();
  await server.stop();
});

async function threeInAGroup() {
  users = await Promise.all([server.user(), server.user(), server.user()]);
  const [sender, slow, fast] = users;
  if (!sender || !slow || !fast) throw new Error('There is nobody');
  const chat = await sender.group([slow, fast]);
  const sockets = await Promise.all([sender.connect(), slow.connect(), fast.connect()]);
  return { chat, sender, slow, sockets } as const;
}

/** Wave by wave, so that a socket which reads is never far behind. */
async function sendMany(
  user: TestUser,
  chatId: string,
  count = MESSAGES,
  afterWave: (sent: number) => Promise<void> = () => Promise.resolve(),
): Promise<Message[]> {
  const sent: Message[] = [];
  while (sent.length < count) {
    const wave = Array.from({ length: WAVE }, () =>
      user.call('sendMessage', {
        params: { id: chatId },
        body: { kind: 'text', text: TEXT, clientMessageId: randomUUID() },
      }),
    );
    for (const { body } of await Promise.all(wave)) sent.push(body.message);
    await afterWave(sent.length);
  }
  return sent;
}

/** Everything in the chat since the cursor, as a socket gets it page by page. */
async function syncAll(user: TestUser, from: string): Promise<ChatEntry[]> {
  const socket = await user.connect();
  const entries: ChatEntry[] = [];
  for (let cursor = from; ;) {
    const page = await socket.command('sync', { cursor, limit: 500 });
    for (const entry of page.entries) if ('seq' in entry.payload) entries.push(entry as ChatEntry);
    if (!page.hasMore) return entries;
    cursor = page.cursor;
  }
}

/** In order, each once; but for what came just before the cursor, which a sync may repeat (SYNC-1). */
function expectBrought(missed: readonly ChatEntry[], sent: readonly Message[]): void {
  const seqs = sent.map(({ seq }) => seq).toSorted((a, b) => a - b);
  expect(missed.map(({ payload }) => payload.seq).filter((seq) => seqs.includes(seq))).toEqual(
    seqs,
  );
}

it('G15 a reader who is stuck is cut at his bytes, slows down nobody, and syncs what he missed', async () => {
  server = await startTestServer({ capacity: { backlogMs: 3_600_000 } });
  const { chat, sender, slow, sockets } = await threeInAGroup();
  const [atSender, atSlow, atFast] = sockets;
  const { cursor } = await atSlow.command('sync', {});
  const goOn = atSlow.stopReading();
  const sent = await sendMany(sender, chat.id, MESSAGES, (count) =>
    atFast.until(() => atFast.texts(chat.id).length === count, 'what was sent so far'),
  );
  // He is still connected as far as he knows: it is the server that has had enough.
  await atSender.next('userOffline', ({ userId }) => userId === slow.id);
  goOn();
  await atSlow.until(() => atSlow.raw.disconnected, 'the cut');
  expect(atSlow.texts(chat.id).length).toBeLessThan(MESSAGES);
  const missed = await syncAll(slow, cursor);
  expectBrought(missed, sent);
});

it('G15 a reader is cut when something has waited for him too long, however little it is', async () => {
  server = await startTestServer({ capacity: { backlogMs: 2000, backlogBytes: 1024 * MIB } });
  const { chat, sender, slow, sockets } = await threeInAGroup();
  const [atSender, atSlow] = sockets;
  const goOn = atSlow.stopReading();
  await sendMany(sender, chat.id);
  await atSender.next('userOffline', ({ userId }) => userId === slow.id);
  goOn();
  await atSlow.until(() => atSlow.raw.disconnected, 'the cut');
});

it('G15 an answer that is larger than all that may wait does not cut who asked for it', async () => {
  server = await startTestServer({ capacity: { backlogBytes: 64 * 1024 } });
  const { chat, sender, slow, sockets } = await threeInAGroup();
  const [, atSlow] = sockets;
  const { cursor } = await atSlow.command('sync', {});
  slow.disconnect();
  const sent = await sendMany(sender, chat.id, 2 * WAVE);
  const missed = await syncAll(slow, cursor);
  expectBrought(missed, sent);
});

it('G17 who comes when a node is full is turned away before the handshake, and may come back', async () => {
  server = await startTestServer({ capacity: { sockets: 1 } });
  users = await Promise.all([server.user(), server.user()]);
  const [first, second] = users;
  await first?.connect();
  await expect(second?.connect()).rejects.toThrow('websocket error');
  first?.disconnect();
  let socket;
  while (!socket) socket = await second?.connect().catch(() => undefined);
  expect(socket.raw.connected).toBe(true);
});

it('G16 sends beyond what may wait are refused at once with a time, and those that wait are stored', async () => {
  server = await startTestServer({ capacity: { waitingSends: 50 } });
  const { chat, sender, sockets } = await threeInAGroup();
  const [atSender] = sockets;
  const answers = await Promise.all(
    Array.from({ length: 500 }, () =>
      atSender.answer('sendMessage', {
        chatId: chat.id,
        clientMessageId: randomUUID(),
        text: 'one of many',
      }),
    ),
  );
  const refusals = answers.flatMap((answer) => (answer.ok ? [] : [answer.error]));
  expect(refusals.length).toBeGreaterThan(0);
  for (const { code, retryable, retryAfterMs } of refusals) {
    expect({ code, retryable }).toEqual({ code: 'UNAVAILABLE', retryable: true });
    expect(retryAfterMs).toBeGreaterThan(0);
  }
  const stored = answers.flatMap((answer) => (answer.ok ? [answer.data.message.seq] : []));
  expect(stored.length).toBeGreaterThanOrEqual(50);
  const { lastSeq } = await sender.readChat(chat.id);
  expect(stored.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: lastSeq - chat.lastSeq }, (_, index) => chat.lastSeq + 1 + index),
  );
});
