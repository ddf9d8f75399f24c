import { randomUUID } from 'node:crypto';
import type { Chat, Message, SyncOutput } from '@natter/protocol';
import {
  createTestDatabase,
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** What a device knows: made from snapshots, live events and sync alone. */
class DeviceState {
  readonly chats = new Map<string, Map<number, Message>>();
  /** Up to where the history of a chat that was added belongs to its snapshot. */
  private readonly snapshots = new Map<string, number>();
  userSeq = 0;

  apply({ event, payload }: SyncOutput['entries'][number]): void {
    if (event === 'newMessage') this.chats.get(payload.chatId)?.set(payload.seq, payload);
    if (event === 'chatAdded') {
      this.userSeq = payload.userSeq;
      this.addChat(payload.chat);
    }
    if (event === 'chatRemoved') {
      this.userSeq = payload.userSeq;
      this.chats.delete(payload.chatId);
    }
  }

  addChat({ id, lastSeq }: Chat): void {
    this.chats.set(id, this.chats.get(id) ?? new Map());
    this.snapshots.set(id, lastSeq);
  }

  /** Opens every chat that was added, as a client does that shows it. */
  async open(user: TestUser): Promise<void> {
    for (const [id, lastSeq] of this.snapshots) {
      const messages = this.chats.get(id);
      if (!messages) continue;
      for (let before = lastSeq + 1; before > 1; before -= 100) {
        const { body } = await user.call('getHistory', {
          params: { id },
          query: { before, limit: 100 },
        });
        for (const message of body.items) messages.set(message.seq, message);
      }
    }
  }

  digest(): unknown {
    return [...this.chats]
      .map(
        ([chatId, messages]) =>
          [chatId, [...messages.values()].toSorted((a, b) => a.seq - b.seq)] as const,
      )
      .toSorted(([a], [b]) => a.localeCompare(b));
  }
}

/** By what an entry comes once in a run of pages. */
function placeOf({ payload }: SyncOutput['entries'][number]) {
  if ('seq' in payload) return [payload.chatId, payload.seq];
  return 'userSeq' in payload ? payload.userSeq : payload.chatId;
}

/** One run of pages; each page is asked over a new connection, as if the link were cut after every answer. */
async function syncCut(
  user: TestUser,
  cursor: string,
  limit: number,
  state: DeviceState,
): Promise<string> {
  let position = cursor;
  const seen = new Set<string>();
  for (;;) {
    const socket = await user.connect();
    const page = await socket.command('sync', { cursor: position, limit });
    user.disconnect();
    expect(page.reset).toBe(false);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    for (const entry of page.entries) {
      const key = JSON.stringify([entry.event, placeOf(entry)]);
      expect(seen.has(key), `${key} came twice in one run`).toBe(false);
      seen.add(key);
      state.apply(entry);
    }
    position = page.cursor;
    if (!page.hasMore) return position;
  }
}

async function start(socket: TestSocket): Promise<string> {
  const { entries, cursor, hasMore, reset } = await socket.command('sync', {});
  expect({ entries, hasMore, reset }).toEqual({ entries: [], hasMore: false, reset: true });
  return cursor;
}

it('SYNC-1 SYNC-3 3,000 entries in 40 chats missed, link cut after every page: the state of one that never left', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const away = await ben.otherDevice();
  const chats: Chat[] = [];
  for (let index = 0; index < 20; index += 1) chats.push(await anna.group([ben]));
  const twin = await ben.connect();
  const awaySocket = await away.connect();
  const cursor = await start(awaySocket);
  away.disconnect();

  const twinState = new DeviceState();
  const awayState = new DeviceState();
  for (const state of [twinState, awayState]) for (const chat of chats) state.addChat(chat);
  // Twenty more chats come while the device is away, and one of the old ones goes.
  for (let index = 0; index < 20; index += 1) chats.push(await anna.group([ben]));
  const atAnna = await anna.connect();
  await Promise.all(
    Array.from({ length: 3000 }, (_, index) =>
      atAnna.send(chats[index % chats.length]?.id ?? '', `text ${index}`),
    ),
  );
  const [leaving] = chats;
  await twin.command('leaveChat', { chatId: leaving?.id });
  await twin.next('chatRemoved');
  await twin.until(() => twin.of('newMessage').length === 3000, 'everything live');
  for (const { event, payload } of twin.received) {
    twinState.apply({ event, payload } as SyncOutput['entries'][number]);
  }

  const last = await syncCut(away, cursor, 137, awayState);
  await Promise.all([twinState.open(ben), awayState.open(away)]);
  expect(awayState.digest()).toEqual(twinState.digest());
  expect(awayState.chats.size).toBe(39);
  expect(awayState.userSeq).toBe(twinState.userSeq);

  // Nothing new: the next run may repeat, but adds nothing.
  await syncCut(away, last, 500, awayState);
  expect(awayState.digest()).toEqual(twinState.digest());
  anna.disconnect();
  ben.disconnect();
});

it('SYNC-1 loses nothing that is committed while its pages are read', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chats = await Promise.all([anna.group([ben]), anna.group([ben]), anna.group([ben])]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  let cursor = await start(atBen);
  const sent: Promise<Message>[] = [];
  const seen = new Set<string>();
  for (let round = 0; round < 60; round += 1) {
    for (const chat of chats) sent.push(atAnna.send(chat.id, `round ${round}`));
    const page = await atBen.command('sync', { cursor, limit: 2 });
    for (const { event, payload } of page.entries) if (event === 'newMessage') seen.add(payload.id);
    cursor = page.cursor;
  }
  const messages = await Promise.all(sent);
  let hasMore = true;
  while (hasMore) {
    const page = await atBen.command('sync', { cursor, limit: 500 });
    for (const { event, payload } of page.entries) if (event === 'newMessage') seen.add(payload.id);
    ({ cursor, hasMore } = page);
  }
  // One more run: what overlapped the first page's position.
  const page = await atBen.command('sync', { cursor, limit: 500 });
  for (const { event, payload } of page.entries) if (event === 'newMessage') seen.add(payload.id);
  expect(messages.filter(({ id }) => !seen.has(id))).toEqual([]);
  anna.disconnect();
  ben.disconnect();
});

/** A transaction of its own, in which messages can be appended without the server. */
async function openTransaction() {
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  await client.query('begin');
  // From here on it has an id.
  await client.query('select pg_current_xact_id()');
  return {
    append: (chatId: string, senderId: string, text: string) =>
      client.query(
        `select * from append_batch(
          array[$1]::uuid[], array[$2]::uuid[], array[null]::uuid[], array[$3]::uuid[], array[null]::uuid[],
          array[null]::bytea[], array['text'], array[$4], array[null]::text[], array[null]::text[],
          array[null]::text[], array[null]::uuid[], array[false], array[null]::text[], array[1]::bigint[], array[1]::bigint[],
          array[true], array[0]::bigint[], 140, null)`,
        [chatId, senderId, randomUUID(), text],
      ),
    commit: async () => {
      await client.query('commit');
      await client.end();
    },
  };
}

function textsOf({ entries }: SyncOutput): string[] {
  return entries.flatMap(({ payload }) => ('text' in payload ? (payload.text ?? []) : []));
}

it('SYNC-1 an entry of a transaction that was open when the cursor was made is not left out', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chat = await anna.group([ben]);
  const atBen = await ben.connect();
  const slow = await openTransaction();
  await slow.append(chat.id, anna.id, 'slow');
  const cursor = await start(atBen);
  await slow.commit();
  // Others may be open, too, so that older entries come again.
  expect(textsOf(await atBen.command('sync', { cursor }))).toContain('slow');
  ben.disconnect();
});

it('SYNC-1 nor is one before or behind it whose transaction began at another time', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const [chat, other] = await Promise.all([anna.group([ben]), anna.group([ben])]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const [older, newer] = [await openTransaction(), await openTransaction()];
  const cursors = [await start(atBen)];
  await atAnna.send(chat.id, 'first');
  cursors.push(await start(atBen));
  await newer.append(chat.id, anna.id, 'second');
  await newer.commit();
  cursors.push(await start(atBen));
  await older.append(chat.id, anna.id, 'third');
  await older.append(other.id, anna.id, 'elsewhere');
  await older.commit();
  cursors.push(await start(atBen));
  await atAnna.send(chat.id, 'fourth');
  const inOrder = ['first', 'second', 'third', 'fourth'];
  for (const [known, cursor] of cursors.entries()) {
    const page = await atBen.command('sync', { cursor });
    const texts = textsOf(page).filter((text) => text !== 'elsewhere');
    expect(texts.slice(texts.indexOf(inOrder[known] ?? ''))).toEqual(inOrder.slice(known));
    if (known < 3) expect(textsOf(page)).toContain('elsewhere');
  }
  anna.disconnect();
  ben.disconnect();
});

it('SYNC-1 a chat joined since comes as chatAdded, then its entries from the join on; one left as chatRemoved alone', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const [old, left] = await Promise.all([
    anna.group([], { visibility: 'public' }),
    anna.group([ben]),
  ]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  await atAnna.send(old.id, 'before he came');
  const cursor = await start(atBen);
  const message = await atAnna.send(left.id, 'he will not see this again');
  const [messageId, chatId] = [message.id, left.id];
  await atBen.command('starMessage', { messageId });
  await atBen.command('deleteMessage', { messageId, scope: 'me' });
  await atBen.command('clearChat', { chatId, upToSeq: message.seq });
  await ben.call('joinGroup', { params: { id: old.id } });
  await atAnna.send(old.id, 'after he came');
  await ben.call('leaveGroup', { params: { id: left.id } });
  const { entries } = await atBen.command('sync', { cursor });
  expect(entries).toMatchObject([
    { event: 'chatAdded', payload: { chat: { id: old.id, lastSeq: 4 } } },
    { event: 'chatRemoved', payload: { chatId: left.id, reason: 'left' } },
    { event: 'newMessage', payload: { seq: 3, system: { type: 'memberJoined' } } },
    { event: 'newMessage', payload: { seq: 4, text: 'after he came' } },
  ]);
  anna.disconnect();
  ben.disconnect();
});

it('SYNC-1 too far behind, or a cursor of another database, starts over', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chat = await anna.group([ben]);
  const atBen = await ben.connect();
  const cursor = await start(atBen);
  const fill = (count: number, from: number) =>
    queryDatabase(
      server.databaseUrl,
      `with moved as (update chats set last_seq = $4::int, last_ordinal = $4::int where id = $1)
       insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
       select $1, n, n, gen_random_uuid(), 'text', $2, 'filler', now() from generate_series($3::int, $4::int) n`,
      [chat.id, anna.id, from, from + count - 1],
    );
  await fill(9900, 2);
  expect((await atBen.command('sync', { cursor, limit: 1 })).reset).toBe(false);
  await fill(200, 9902);
  expect(await atBen.command('sync', { cursor })).toMatchObject({
    reset: true,
    entries: [],
    hasMore: false,
  });
  ben.disconnect();

  const fresh = await startTestServer();
  const before = await fresh.user();
  const stranger = await before.connect();
  const foreign = await start(stranger);
  await queryDatabase(fresh.databaseUrl, 'update installation set epoch = gen_random_uuid()');
  before.disconnect();
  const restored = await startTestServer({ databaseUrl: fresh.databaseUrl });
  const { TestSocket: Socket } = await import('@natter/testing');
  const again = await Socket.connect(restored.url, { token: before.token });
  expect(await again.command('sync', { cursor: foreign })).toMatchObject({
    reset: true,
    entries: [],
  });
  again.close();
  await restored.stop();
  await fresh.stop();
});

it('SYNC-1 a cursor of a database that has another secret starts over', async () => {
  const database = await createTestDatabase();
  await queryDatabase(
    database.url,
    `update installation set epoch = gen_random_uuid(), secret = sha256('another')`,
  );
  const other = await startTestServer({ databaseUrl: database.url });
  const there = await other.user();
  const foreign = await start(await there.connect());
  there.disconnect();
  await other.stop();
  await database.drop();
  const here = await server.user();
  const socket = await here.connect();
  const answer = await socket.command('sync', { cursor: foreign });
  expect(answer).toMatchObject({ reset: true, entries: [], hasMore: false });
  expect(await socket.command('sync', { cursor: answer.cursor })).toMatchObject({ reset: false });
  here.disconnect();
});

it('SYNC-1 without a payload it answers as without a cursor', async () => {
  const user = await server.user();
  const socket = await user.connect();
  for (const payload of [[], [null], [{}], [{ cursor: null }]]) {
    const answer: unknown = await socket.raw.timeout(5000).emitWithAck('sync', ...payload);
    expect(answer).toMatchObject({ ok: true, data: { reset: true, entries: [] } });
  }
  user.disconnect();
});

it.each([
  ['nonsense', 'nonsense'],
  ['empty', ''],
  ['a number', 7],
  ['long', 'a'.repeat(5000)],
])('SYNC-1 a cursor that is %s is INVALID', async (_, cursor) => {
  const user = await server.user();
  const socket = await user.connect();
  expect(await socket.fail('sync', { cursor })).toMatchObject({
    code: 'INVALID',
    details: [{ path: 'cursor' }],
  });
  user.disconnect();
});

it('SYNC-1 a cursor that was edited, or is of another user, is INVALID', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const cursor = await start(atAnna);
  const bytes = Buffer.from(cursor, 'base64url');
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  expect(await atAnna.fail('sync', { cursor: bytes.toString('base64url') })).toMatchObject({
    code: 'INVALID',
  });
  expect(await atBen.fail('sync', { cursor })).toMatchObject({ code: 'INVALID' });
  anna.disconnect();
  ben.disconnect();
});

it('SYNC-2 the log fills any gap, page by page', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const chat = await anna.group([ben]);
  const atAnna = await anna.connect();
  for (let index = 2; index <= 8; index += 1) await atAnna.send(chat.id, `text ${index}`);
  const { body: first } = await ben.call('getLog', {
    params: { id: chat.id },
    query: { after: 3, limit: 2 },
  });
  expect(first).toMatchObject({
    entries: [{ payload: { seq: 4 } }, { payload: { seq: 5 } }],
    hasMore: true,
  });
  const { body: rest } = await ben.call('getLog', { params: { id: chat.id }, query: { after: 5 } });
  expect(rest.entries.map(({ payload }) => payload.seq)).toEqual([6, 7, 8]);
  expect(rest.hasMore).toBe(false);
  const { body: whole } = await ben.call('getLog', { params: { id: chat.id } });
  expect(whole.entries).toHaveLength(8);
  anna.disconnect();
});
