import { randomUUID } from 'node:crypto';
import type { Message, RouteInput, RouteName } from '@natter/protocol';
import {
  chatsBehindIndex,
  queryDatabase,
  type RouteRequest,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let socket: TestSocket;

beforeAll(async () => {
  server = await startTestServer();
  [anna, ben] = await Promise.all([server.user(), server.user()]);
  socket = await anna.connect();
});
afterAll(async () => {
  anna.disconnect();
  ben.disconnect();
  await server.stop();
});

/** The routes that take a cursor. */
type ListName = {
  [K in RouteName]: 'cursor' extends keyof RouteInput<K> ? K : never;
}[RouteName];
/** Those that take a limit. */
type LimitedName = {
  [K in RouteName]: 'limit' extends keyof RouteInput<K> ? K : never;
}[RouteName];

/** What a list is of. */
interface Place {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** A list that is read page by page. */
interface List<Name extends RouteName = ListName> extends Place {
  readonly route: Name;
}

interface Page {
  readonly items: readonly { id?: string; cursor?: string }[];
  readonly nextCursor?: string;
}

/** The last number of its chat for which an entry stands. */
function lastSeqOf(payload: { readonly seq: number; readonly toSeq?: number }): number {
  return payload.toSeq ?? payload.seq;
}

const requestOf = ({ params = {}, query = {} }: Place, more: object): RouteRequest => ({
  params,
  query: { ...query, ...more },
});

/** A page of a list, at its beginning or from a cursor on. */
async function pageOf(
  user: TestUser,
  list: List,
  more: { limit?: number; cursor?: string | undefined },
): Promise<Page> {
  const request = { ...requestOf(list, more), token: user.token };
  const { status, body } = await sendRequest(server.url, list.route, request);
  if (status !== 200) throw new Error(`${list.route} answered ${status}: ${JSON.stringify(body)}`);
  if (list.route !== 'exportOwn') return body as Page;
  // An export has no pages: it can be gone on with behind each of its lines.
  const items = (body as Page['items']).slice(0, more.limit);
  const nextCursor = items.at(-1)?.cursor;
  return { items, ...(nextCursor !== undefined && { nextCursor }) };
}

/** A public group with more than one of everything that can be listed in it. */
async function fullGroup(): Promise<{ chatId: string; messageId: string; mediaId: string }> {
  const chat = await anna.group([ben], { title: 'Listed', visibility: 'public' });
  const [first, second] = [
    await socket.send(chat.id, 'listed one'),
    await socket.send(chat.id, 'listed two'),
  ];
  for (const { id: messageId } of [first, second]) {
    await socket.command('pinMessage', { messageId });
    await socket.command('starMessage', { messageId });
    for (const emoji of ['👍', '🎉']) await socket.command('addReaction', { messageId, emoji });
    const params = { id: messageId, emoji: encodeURIComponent('👍') };
    await ben.call('addReaction', { params });
  }
  const media = await anna.upload('listed');
  const mediaIds = [media.id];
  await socket.command('sendMedia', { chatId: chat.id, clientMessageId: randomUUID(), mediaIds });
  for (const reader of [ben, await ben.otherDevice()]) {
    await (await reader.fetch(media.url)).arrayBuffer();
  }
  return { chatId: chat.id, messageId: first.id, mediaId: media.id };
}

async function indexed(): Promise<void> {
  await expect.poll(() => chatsBehindIndex(server.databaseUrl), { interval: 20 }).toBe(0);
}

const listsOf = <Name extends RouteName>(rows: Record<Name, readonly Place[]>): List<Name>[] =>
  Object.entries<readonly Place[]>(rows).flatMap(([route, places]) =>
    places.map((place) => ({ route: route as Name, ...place })),
  );

/** Every list there is, and each of those that are of something in two places. A list without a row does not compile. */
async function everyList(): Promise<Record<ListName, readonly Place[]>> {
  const groups = [await fullGroup(), await fullGroup()];
  for (const { id } of [await server.user(), await server.user()]) {
    await anna.call('blockUser', { params: { id } });
  }
  await indexed();
  const inChats = groups.map(({ chatId: id }): Place => ({ params: { id } }));
  return {
    listUsers: [{}, { query: { query: 'user' } }],
    listChats: [
      {},
      { query: { filter: 'group' } },
      { query: { filter: 'public' } },
      { query: { query: 'listed' } },
    ],
    listStars: [{}],
    listBlocks: [{}],
    exportOwn: [{}],
    searchMessages: [
      { query: { query: 'listed' } },
      { query: { query: 'listed', kind: 'text' } },
      ...groups.map(({ chatId }) => ({ query: { query: 'listed', chatId } })),
    ],
    listMembers: inChats,
    listMediaDownloads: groups.map(({ mediaId: id }) => ({ params: { id } })),
    listPins: inChats,
    listReactions: groups.flatMap(({ messageId: id }) => [
      { params: { id } },
      { params: { id }, query: { emoji: '👍' } },
    ]),
  };
}

const invalidCursor = { code: 'INVALID', details: [{ path: 'cursor' }] };

describe('T51 a cursor', () => {
  it('is of one user and one list, with its filter, and unchanged; all else is INVALID', async () => {
    const lists = listsOf(await everyList());
    const cursors = await Promise.all(
      lists.map(async (list) => (await pageOf(anna, list, { limit: 1 })).nextCursor ?? ''),
    );
    for (const [index, list] of lists.entries()) {
      const own = cursors[index] ?? '';
      expect(own, list.route).not.toBe('');
      expect((await pageOf(anna, list, { cursor: own, limit: 1 })).items).toHaveLength(1);
      const bytes = Buffer.from(own, 'base64url');
      for (const place of [0, bytes.length >> 1, bytes.length - 1]) {
        const edited = Buffer.from(bytes);
        edited[place] = (edited[place] ?? 0) ^ 1;
        const cursor = edited.toString('base64url');
        expect(await anna.fail(list.route, requestOf(list, { cursor }))).toMatchObject(
          invalidCursor,
        );
      }
      for (const cursor of cursors.filter((other) => other !== own)) {
        expect(
          await anna.fail(list.route, requestOf(list, { cursor })),
          `${list.route} with the cursor of another list`,
        ).toMatchObject(invalidCursor);
      }
      // What only the uploader may list is refused before its cursor is looked at.
      const refusal = list.route === 'listMediaDownloads' ? { code: 'FORBIDDEN' } : invalidCursor;
      expect(await ben.fail(list.route, requestOf(list, { cursor: own }))).toMatchObject(refusal);
      expect(await socket.fail('sync', { cursor: own })).toMatchObject(invalidCursor);
    }
    const cursor = await socket.cursor();
    for (const list of lists) {
      expect(await anna.fail(list.route, requestOf(list, { cursor }))).toMatchObject(invalidCursor);
    }
  });

  it('gives no right: without access its page is NOT_FOUND, or without what was lost', async () => {
    const { chatId, messageId } = await fullGroup();
    const lists: List[] = [
      { route: 'listMembers', params: { id: chatId } },
      { route: 'listPins', params: { id: chatId } },
      { route: 'listReactions', params: { id: messageId } },
      { route: 'searchMessages', query: { query: 'listed', chatId } },
    ];
    const reader = await server.user();
    const atReader = await reader.connect();
    await anna.call('addMembers', { params: { id: chatId }, body: { userIds: [reader.id] } });
    const { items } = (await reader.call('listPins', { params: { id: chatId } })).body;
    for (const { id } of items) await atReader.command('starMessage', { messageId: id });
    await indexed();
    const emptied: List[] = [
      { route: 'listStars' },
      { route: 'searchMessages', query: { query: 'listed' } },
    ];
    const cursorOf = async (list: List) =>
      (await pageOf(reader, list, { limit: 1 })).nextCursor ?? '';
    const [cursors, emptiedCursors] = [
      await Promise.all(lists.map(cursorOf)),
      await Promise.all(emptied.map(cursorOf)),
    ];
    const { body: lines } = await reader.call('exportOwn');
    const inChat = lines.find((line) => line.type === 'message' && line.message.text);
    await anna.call('removeMember', { params: { id: chatId, userId: reader.id } });

    for (const [index, list] of lists.entries()) {
      const cursor = cursors[index] ?? '';
      expect(await reader.fail(list.route, requestOf(list, { cursor }))).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    for (const [index, list] of emptied.entries()) {
      const cursor = emptiedCursors[index] ?? '';
      expect(cursor).not.toBe('');
      expect(await pageOf(reader, list, { cursor })).toEqual({ items: [] });
    }
    const cursor = inChat && 'cursor' in inChat ? inChat.cursor : '';
    expect((await reader.call('exportOwn', { query: { cursor } })).body).toEqual([{ type: 'end' }]);
    reader.disconnect();
  });
});

it('T52 a limit that is not from 1 to the most of its list is INVALID', async () => {
  // An export has no limit, because it has no pages.
  const { exportOwn: _, ...pages } = await everyList();
  const chat = await anna.group();
  const inChat = [{ params: { id: chat.id } }];
  const rows: Record<LimitedName, readonly Place[]> = {
    ...pages,
    getHistory: inChat,
    getLog: inChat,
  };
  for (const list of listsOf(rows)) {
    const most = list.route === 'getLog' ? 500 : 100;
    for (const limit of [0, -1, most + 1, 1e9]) {
      expect(await anna.fail(list.route, requestOf(list, { limit }))).toMatchObject({
        code: 'INVALID',
        details: [{ path: 'limit' }],
      });
    }
    const request = { ...requestOf(list, { limit: most }), token: anna.token };
    expect((await sendRequest(server.url, list.route, request)).status).toBe(200);
  }
  for (const limit of [0, 101, 1e9]) {
    expect(await socket.fail('joinChat', { chatId: chat.id, limit })).toMatchObject({
      code: 'INVALID',
    });
  }
});

describe('T52 pages of hidden things alone do not end a list early', () => {
  const HIDDEN = 300;

  /** A chat of which the middle is hidden from its reader; the texts that he still sees. */
  async function holeyChat(): Promise<{ chatId: string; reader: TestUser; atReader: TestSocket }> {
    const reader = await server.user();
    const atReader = await reader.connect();
    const chat = await anna.group([reader]);
    const send = (text: string): Promise<Message> => socket.send(chat.id, text);
    const first = await send('first');
    await queryDatabase(
      server.databaseUrl,
      `with head as (
         update chats set last_seq = last_seq + $3::int, last_ordinal = last_ordinal + $3::int where id = $1
         returning last_seq - $3::int as seq, last_ordinal - $3::int as ordinal
       )
       insert into messages (chat_id, seq, ordinal, id, kind, sender_id, text, created_at)
       select $1, seq + n, ordinal + n, gen_random_uuid(), 'text', $2, 'hidden', now()
       from head, generate_series(1, $3::int) n`,
      [chat.id, anna.id, HIDDEN],
    );
    await send('last');
    const hole = [chat.id, reader.id, first.seq, first.seq + HIDDEN + 1];
    await queryDatabase(
      server.databaseUrl,
      'insert into stars (user_id, chat_id, seq) select $2, $1, n from generate_series($3::int, $4::int) n',
      hole,
    );
    await queryDatabase(
      server.databaseUrl,
      'insert into hidden (user_id, chat_id, seq) select $2, $1, n from generate_series($3::int + 1, $4::int - 1) n',
      hole,
    );
    return { chatId: chat.id, reader, atReader };
  }

  it('history, in both directions, and stars', async () => {
    const { chatId, reader } = await holeyChat();
    const params = { id: chatId };
    const history = async (query: object) =>
      (await reader.call('getHistory', { params, query: { limit: 1, ...query } })).body;
    const newest = await history({});
    expect(newest).toMatchObject({ items: [{ text: 'last' }], hasMoreBefore: true });
    const seq = newest.items[0]?.seq ?? 0;
    const older = await history({ before: seq });
    expect(older).toMatchObject({ items: [{ text: 'first' }], hasMoreAfter: true });
    expect(await history({ after: older.items[0]?.seq ?? 0 })).toMatchObject({
      items: [{ text: 'last' }],
      hasMoreAfter: false,
    });
    const stars = await pageOf(reader, { route: 'listStars' }, { limit: 1 });
    const more = await pageOf(
      reader,
      { route: 'listStars' },
      { limit: 1, cursor: stars.nextCursor },
    );
    expect([...stars.items, ...more.items]).toMatchObject([{ text: 'last' }, { text: 'first' }]);
    expect(more.nextCursor).toBeUndefined();
    reader.disconnect();
  });

  it('the log and sync, whose numbers stay dense', async () => {
    const { chatId, reader, atReader } = await holeyChat();
    const texts: unknown[] = [];
    let [after, pages, hasMore] = [0, 0, true];
    while (hasMore) {
      const { body } = await reader.call('getLog', {
        params: { id: chatId },
        query: { after, limit: 100 },
      });
      for (const { event, payload } of body.entries) {
        expect('seq' in payload && payload.seq).toBe(after + 1);
        after = lastSeqOf(payload);
        if (event === 'newMessage' && payload.kind === 'text') texts.push(payload.text);
      }
      pages += 1;
      ({ hasMore } = body);
    }
    expect(texts).toEqual(['first', 'last']);
    expect(pages).toBeGreaterThan(3);

    const cursor = await atReader.cursor();
    await socket.send(chatId, 'then hidden');
    await atReader.command('clearChat', { chatId, upToSeq: after + 1 });
    await socket.send(chatId, 'then seen');
    let page = await atReader.command('sync', { cursor, limit: 1 });
    const entries: typeof page.entries = [];
    for (; page.hasMore; page = await atReader.command('sync', { cursor: page.cursor, limit: 1 })) {
      entries.push(...page.entries);
    }
    entries.push(...page.entries);
    // A sync may begin earlier than its cursor, while transactions of then are still open.
    const synced = entries
      .filter(({ payload }) => !('seq' in payload) || lastSeqOf(payload) > after)
      .map(({ event }) => event);
    expect(synced).toEqual(['chatCleared', 'entrySkipped', 'newMessage']);
    reader.disconnect();
  });
});
