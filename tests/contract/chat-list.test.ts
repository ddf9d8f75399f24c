import type { Chat } from '@natter/protocol';
import {
  freshName,
  queryDatabase,
  seedGroupsOf,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let cleo: TestUser;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
});

type Query = Readonly<Record<string, string | number>>;

async function list(user: TestUser, query: Query = {}): Promise<Chat[]> {
  const { body } = await user.call('listChats', { query });
  return body.items;
}

/** What the chats are called: a group by its title, a direct chat by the other's username. */
function namesOf(chats: readonly Chat[], reader: TestUser): (string | undefined)[] {
  return chats.map(
    ({ title, participants }) =>
      title ?? participants?.find(({ user }) => user.id !== reader.id)?.user.username,
  );
}

async function titles(user: TestUser, query: Query = {}): Promise<(string | undefined)[]> {
  return namesOf(await list(user, query), user);
}

/** One run of pages, with something done after each. */
async function run(
  user: TestUser,
  query: Query,
  between: (shown: readonly Chat[], page: number) => Promise<void> = () => Promise.resolve(),
): Promise<Chat[]> {
  const shown: Chat[] = [];
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const { body } = await user.call('listChats', {
      query: { ...query, ...(cursor !== undefined && { cursor }) },
    });
    shown.push(...body.items);
    if (body.nextCursor === undefined) return shown;
    cursor = body.nextCursor;
    await between(shown, page);
  }
}

function expectNoRepeat(chats: readonly Chat[]): void {
  expect(new Set(chats.map(({ id }) => id)).size).toBe(chats.length);
}

describe('the order', () => {
  it('CHAT-4 is pinned first, then the most recently active, among the pinned ones, too', async () => {
    const groups = [];
    for (const title of ['one', 'two', 'three', 'four'])
      groups.push(await anna.group([ben], { title }));
    const [one, two, three] = groups as [Chat, Chat, Chat, Chat];
    const atAnna = await anna.connect();
    await atAnna.send(two.id, 'news');
    expect(await titles(ben)).toEqual(['two', 'four', 'three', 'one']);
    await ben.prefer(three.id, { pinned: true });
    await ben.prefer(one.id, { pinned: true });
    expect(await titles(ben)).toEqual(['three', 'one', 'two', 'four']);
    await atAnna.send(one.id, 'news');
    expect(await titles(ben)).toEqual(['one', 'three', 'two', 'four']);
    await atAnna.send(two.id, 'more news');
    expect(await titles(ben)).toEqual(['one', 'three', 'two', 'four']);
    expect(await titles(anna)).toEqual(['two', 'one', 'four', 'three']);
    await ben.prefer(one.id, { pinned: false });
    expect(await titles(ben)).toEqual(['three', 'two', 'one', 'four']);
    expectNoRepeat(await run(ben, { limit: 1 }));
    anna.disconnect();
  });

  it('CHAT-4 pages through 1,000 chats once each, while messages arrive and chats are unpinned, left and joined', async () => {
    const ids = await seedGroupsOf(server.databaseUrl, [anna.id, ben.id], 1000);
    const atBen = await ben.connect();
    await queryDatabase(
      server.databaseUrl,
      `update chats set visibility = 'public' where id = any ($1::uuid[])`,
      [ids],
    );
    // So many that the pinned ones alone fill a page.
    const pinned = ids.slice(900, 950);
    for (const id of pinned) await anna.prefer(id, { pinned: true });
    const moved = new Set<string>();
    const move = async (id: string | undefined): Promise<void> => {
      if (id === undefined) return;
      moved.add(id);
      await atBen.send(id, 'up it goes');
    };
    const shown = await run(anna, { limit: 40 }, async (before, page) => {
      // One that was shown, one that is not yet, and one near the end, where the last pages come to it.
      await move(before[page]?.id);
      await move(ids[page * 30]);
      await move(ids[999 - page]);
      if (page !== 1) return;
      const [unpinned, left] = before.slice(20) as [Chat, Chat];
      await anna.prefer(unpinned.id, { pinned: false });
      await anna.call('leaveGroup', { params: { id: left.id } });
      await anna.call('joinGroup', { params: { id: left.id } });
      // Not shown yet, and not pinned any more: it moved as well.
      const known = new Set<string>(before.map(({ id }) => id));
      const later = pinned.find((id) => !known.has(id)) ?? '';
      await anna.prefer(later, { pinned: false });
      moved.add(unpinned.id).add(left.id).add(later);
      // These move nothing.
      await anna.prefer(ids[500] ?? '', { markedUnread: true });
      await anna.prefer(ids[501] ?? '', { mutedUntil: '2999-01-01T00:00:00.000Z' });
    });
    expectNoRepeat(shown);
    const seen = new Set(shown.map(({ id }) => id as string));
    expect(ids.filter((id) => !moved.has(id) && !seen.has(id))).toEqual([]);
    expect(moved.size).toBeGreaterThan(50);
    expectNoRepeat(await run(anna, { limit: 100 }));
    ben.disconnect();
  });

  it('ERR-1 a cursor of another filter, query or user is INVALID, and so is any other nonsense', async () => {
    for (let index = 0; index < 3; index += 1) await anna.group([ben], { title: `Team ${index}` });
    const { body } = await anna.call('listChats', { query: { limit: 1, query: 'team' } });
    const cursor = body.nextCursor ?? '';
    await anna.call('listChats', { query: { limit: 1, query: ' team ', cursor } });
    for (const [user, query] of [
      [anna, {}],
      [anna, { query: 'tea' }],
      [anna, { query: 'team', filter: 'group' }],
      [anna, { query: 'team', filter: 'public' }],
      [ben, { query: 'team' }],
    ] as const) {
      expect(await user.fail('listChats', { query: { ...query, cursor } })).toMatchObject({
        code: 'INVALID',
        details: [{ path: 'cursor' }],
      });
    }
    for (const query of [
      { filter: 'nonsense' },
      { filter: '' },
      { query: 'a\0b' },
      { query: 'a'.repeat(257) },
      { limit: 0 },
      { limit: 101 },
      { cursor: 'nonsense' },
    ] as Query[]) {
      const [field] = Object.keys(query);
      expect(await anna.fail('listChats', { query })).toMatchObject({
        code: 'INVALID',
        details: [{ path: field }],
      });
    }
  });
});

describe('the filters', () => {
  it('CHAT-4 each shows its own, and only `archived` the archived ones', async () => {
    const [team, old] = [
      await anna.group([ben], { title: 'team' }),
      await anna.group([ben], { title: 'old' }),
    ];
    const direct = await anna.direct(ben);
    const atBen = await ben.connect();
    await atBen.send(direct.id, 'hello');
    await anna.prefer(old.id, { archived: true });
    const { username } = ben.session.user;
    const filters = ['all', 'unread', 'direct', 'group', 'archived'];
    const shown = await Promise.all(filters.map((filter) => titles(anna, { filter })));
    expect(shown).toEqual([[username, 'team'], [username], [username], ['team'], ['old']]);
    await atBen.send(old.id, 'still archived');
    expect(await titles(anna, { filter: 'unread' })).toEqual([username]);
    await anna.prefer(team.id, { markedUnread: true });
    expect(await titles(anna, { filter: 'unread' })).toEqual([username, 'team']);
    await anna.prefer(team.id, { markedUnread: false });
    await anna.prefer(old.id, { archived: false });
    expect(await titles(anna, { filter: 'unread' })).toEqual(['old', username]);
    ben.disconnect();
  });

  it('CHAT-3 `public` shows a stranger every public group by its description, a member his chat', async () => {
    const word = freshName('forum');
    const open = await anna.group([], { title: `${word} open`, visibility: 'public' });
    await anna.group([], { title: `${word} private` });
    const newer = await ben.group([], { title: `${word} newer`, visibility: 'public' });
    const seenByCleo = await list(cleo, { filter: 'public', query: word });
    expect(seenByCleo.map(({ id }) => id)).toEqual([newer.id, open.id]);
    for (const chat of seenByCleo) {
      for (const field of ['participants', 'lastMessage', 'me'])
        expect(chat).not.toHaveProperty(field);
    }
    const seenByAnna = await list(anna, { filter: 'public', query: word });
    expect(seenByAnna.map(({ me }) => me?.role)).toEqual([undefined, 'owner']);
    const all = await run(cleo, { filter: 'public', limit: 100 });
    expectNoRepeat(all);
    expect(all.every(({ visibility }) => visibility === 'public')).toBe(true);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([newer.id, open.id]));
    expect(await list(cleo)).toEqual([]);
  });
});

describe('the search', () => {
  it('CHAT-4 finds the exact title before those that begin with it, and these before all with its words', async () => {
    for (const title of ['Blue Team', 'Team Blue Sky', 'Something else', 'My blue-ish team'])
      await anna.group([], { title });
    const exact = await anna.group([], { title: 'Team' });
    await anna.prefer(exact.id, { pinned: true });
    await anna.group([], { title: 'Teamwork' });
    expect(await titles(anna, { query: 'team' })).toEqual([
      'Team',
      'Teamwork',
      'Team Blue Sky',
      'My blue-ish team',
      'Blue Team',
    ]);
    expect(await titles(anna, { query: '  BLUE   team ' })).toEqual([
      'My blue-ish team',
      'Team Blue Sky',
      'Blue Team',
    ]);
    expect(await titles(anna, { query: 'blue team' })).toEqual([
      'Blue Team',
      'My blue-ish team',
      'Team Blue Sky',
    ]);
    expect(await titles(anna, { query: 'red team' })).toEqual([]);
    expect(await titles(anna, { query: '   ' })).toHaveLength(6);
    expectNoRepeat(await run(anna, { query: 'team', limit: 1 }));
    expect(namesOf(await run(anna, { query: 'team', limit: 2 }), anna)).toEqual(
      await titles(anna, { query: 'team' }),
    );
  });

  it("CHAT-4 finds a direct chat by the other's names, in any case, and not by one's own", async () => {
    const zoe = await server.user(freshName('Zoe.Q'));
    // By a name of which no word is in those of the others.
    const mara = await server.user(freshName('Mara.W'));
    await queryDatabase(server.databaseUrl, 'update users set display_name = $1 where id = $2', [
      'Zoë Ångström',
      zoe.id,
    ]);
    await mara.direct(ben);
    const direct = await mara.direct(zoe);
    const found = async (query: string) => (await list(mara, { query })).map(({ id }) => id);
    for (const query of ['zoe.q', 'ZOË', 'ångström', 'Ström zoe.', zoe.session.user.username]) {
      expect(await found(query), query).toEqual([direct.id]);
    }
    expect(await found(mara.session.user.username)).toEqual([]);
    expect(await titles(zoe, { query: mara.session.user.username.toUpperCase() })).toEqual([
      mara.session.user.username,
    ]);
    expect(await found('zoë ben')).toEqual([]);
    expect(await list(mara, { query: 'zoë', filter: 'group' })).toEqual([]);
  });

  it('CHAT-4 takes every character for itself', async () => {
    for (const title of ['100% sure', '100 sure', 'a_b', 'axb', 'back\\slash', "it's"])
      await anna.group([], { title });
    expect(await titles(anna, { query: '100%' })).toEqual(['100% sure']);
    expect(await titles(anna, { query: '%' })).toEqual(['100% sure']);
    expect(await titles(anna, { query: 'a_b' })).toEqual(['a_b']);
    expect(await titles(anna, { query: '_' })).toEqual(['a_b']);
    expect(await titles(anna, { query: '\\' })).toEqual(['back\\slash']);
    expect(await titles(anna, { query: "it's" })).toEqual(["it's"]);
    expect(await titles(anna, { query: "'; drop table chats; --" })).toEqual([]);
  });

  it('PRIV-1 finds nothing of others, neither by title nor by name', async () => {
    const title = freshName('secret');
    await anna.group([ben], { title });
    await anna.direct(ben);
    for (const query of [title, anna.session.user.username, ben.session.user.username]) {
      expect(await list(cleo, { query })).toEqual([]);
      expect(await list(cleo, { query, filter: 'public' })).toEqual([]);
    }
  });
});

it('CHAT-4 unread are the messages of others, no system messages, exactly up to 1,000', async () => {
  const chat = await anna.group([ben]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const unread = async (user: TestUser) => (await user.readChat(chat.id)).me?.unreadCount;
  await atAnna.send(chat.id, 'one');
  await anna.call('addMembers', { params: { id: chat.id }, body: { userIds: [cleo.id] } });
  expect([await unread(anna), await unread(ben), await unread(cleo)]).toEqual([0, 1, 0]);
  await atBen.send(chat.id, 'two');
  expect([await unread(anna), await unread(ben), await unread(cleo)]).toEqual([1, 0, 1]);
  const send = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => atAnna.send(chat.id, `text ${index}`)));
  await send(999);
  expect([await unread(anna), await unread(ben), await unread(cleo)]).toEqual([0, 999, 1000]);
  await send(6);
  expect([await unread(anna), await unread(ben), await unread(cleo)]).toEqual([0, 1000, 1000]);
  expect(await titles(ben, { filter: 'unread' })).toEqual(['A group']);
  anna.disconnect();
  ben.disconnect();
});
