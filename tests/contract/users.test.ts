import { randomUUID } from 'node:crypto';
import type { User } from '@natter/protocol';
import {
  callRoute,
  freshName,
  PASSWORD,
  startTestServer,
  type TestServer,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function list(
  reader: TestUser,
  query: Readonly<Record<string, string | number>>,
): Promise<User[]> {
  const { body } = await reader.call('listUsers', { query });
  return body.items;
}

async function idsOf(
  reader: TestUser,
  query: Readonly<Record<string, string | number>>,
): Promise<string[]> {
  return (await list(reader, query)).map(({ id }) => id);
}

async function named(displayName: string, username = freshName()): Promise<TestUser> {
  const { body } = await callRoute(server.url, 'register', {
    body: { username, password: PASSWORD, displayName },
  });
  return new TestUser(server.url, body);
}

async function update(user: TestUser, body: object): Promise<User> {
  return (await user.call('updateProfile', { body })).body;
}

async function see(reader: TestUser, { id }: { id: string }): Promise<User> {
  return (await reader.call('getUser', { params: { id } })).body;
}

describe('the directory', () => {
  it('USER-1 finds by the beginning of the username or of the display name, without regard to case', async () => {
    const word = freshName('Zoe');
    const [byUsername, byDisplayName, reader] = await Promise.all([
      server.user(`${word}.K`),
      named(`${word.toUpperCase()} Élodie`),
      server.user(),
    ]);
    const notBeginning = await named(`Not ${word}`);
    const found = await idsOf(reader, { query: ` ${word.toLowerCase()} ` });
    expect(found.slice(0, 2).toSorted()).toEqual([byUsername.id, byDisplayName.id].toSorted());
    expect(found.slice(2)).toEqual([notBeginning.id]);
    expect(await idsOf(reader, { query: `${word} éL` })).toEqual([byDisplayName.id]);
  });

  it.each(['%', '_', '\\', '%%', 'a%', "'", 'x\\%'])(
    'USER-1 %s in a query stands for itself',
    async (text) => {
      const tail = randomUUID();
      const [user, reader] = await Promise.all([named(`${text}${tail}`), server.user()]);
      expect(await idsOf(reader, { query: `${text}${tail.slice(0, 20)}` })).toEqual([user.id]);
      expect(await idsOf(reader, { query: `${text}%${tail.slice(-2)}` })).toEqual([]);
    },
  );

  it('USER-1 pages by username without repeats, whatever the case', async () => {
    const own = await startTestServer();
    const names = ['delta', 'Alpha', 'charlie', 'Bravo', 'a-first', 'a_second', 'A.third'];
    const [reader] = await Promise.all(names.map((name) => own.user(name)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: 2, ...(cursor !== undefined && { cursor }) };
      const { body } = await callRoute(own.url, 'listUsers', {
        query,
        ...(reader && { token: reader.token }),
      });
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map(({ username }) => username));
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['a-first', 'A.third', 'a_second', 'Alpha', 'Bravo', 'charlie', 'delta']);
    await own.stop();
  });

  it('USER-1 ids give the users of these ids in their order; unknown ones and all else are left out', async () => {
    const [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
    const ids = [cleo.id.toUpperCase(), randomUUID(), anna.id, cleo.id];
    expect(await idsOf(ben, { ids: ids.join(','), query: 'nobody', cursor: 'nonsense' })).toEqual([
      cleo.id,
      anna.id,
    ]);
    const hundred = Array.from({ length: 100 }, () => randomUUID()).join(',');
    expect(await idsOf(ben, { ids: hundred })).toEqual([]);
  });

  it.each([
    ['a malformed id', { ids: 'nonsense' }, 'ids.0'],
    ['a malformed id among others', { ids: `${randomUUID()},` }, 'ids.1'],
    ['101 ids', { ids: Array.from({ length: 101 }, () => randomUUID()).join(',') }, 'ids'],
    ['a query with NUL', { query: 'an\0na' }, 'query'],
    ['a query of 257 characters', { query: 'a'.repeat(257) }, 'query'],
    ['a limit of 0', { limit: 0 }, 'limit'],
    ['a limit of 101', { limit: 101 }, 'limit'],
    ['a limit that is no number', { limit: 'ten' }, 'limit'],
    ['a cursor that is nonsense', { cursor: 'nonsense' }, 'cursor'],
    ['an empty cursor', { cursor: '' }, 'cursor'],
  ])('ERR-1 %s is INVALID', async (_, query, path) => {
    const reader = await server.user();
    expect(await reader.fail('listUsers', { query })).toMatchObject({
      code: 'INVALID',
      details: [{ path }],
    });
  });

  it("ERR-1 another user's cursor, an edited one and one of another list or query are INVALID", async () => {
    const [anna, ben] = await Promise.all([server.user(), server.user()]);
    const { body } = await anna.call('listUsers', { query: { limit: 1 } });
    const cursor = body.nextCursor ?? '';
    await Promise.all([anna.group(), anna.group()]);
    const { body: chats } = await anna.call('listChats', { query: { limit: 1 } });
    for (const fail of [
      () => ben.fail('listUsers', { query: { cursor } }),
      () => anna.fail('listUsers', { query: { cursor, query: 'a' } }),
      () => anna.fail('listUsers', { query: { cursor: `${cursor.slice(0, -2)}AA` } }),
      () => anna.fail('listUsers', { query: { cursor: chats.nextCursor ?? '' } }),
    ]) {
      expect(await fail()).toMatchObject({ code: 'INVALID', details: [{ path: 'cursor' }] });
    }
  });

  it('USER-1 shows by query alone, or the whole username alone, where it is configured so', async () => {
    const { databaseUrl } = server;
    const [byQuery, closed] = await Promise.all([
      startTestServer({ databaseUrl, userDirectory: 'query' }),
      startTestServer({ databaseUrl, userDirectory: 'off' }),
    ]);
    const username = freshName('Dora');
    const user = await byQuery.user(username);
    for (const query of [undefined, ' ', 'D ']) {
      expect(
        await user.fail('listUsers', { query: query === undefined ? {} : { query } }),
      ).toMatchObject({
        code: 'INVALID',
        details: [{ path: 'query' }],
      });
    }
    expect(await idsOf(user, { query: username.slice(0, -1) })).toContain(user.id);

    const reader = await closed.user();
    expect(await reader.fail('listUsers')).toMatchObject({ code: 'INVALID' });
    expect(await idsOf(reader, { query: username.slice(0, -1) })).toEqual([]);
    expect(await idsOf(reader, { query: username.toUpperCase() })).toEqual([user.id]);
    // Who knows an id has met its user.
    expect(await idsOf(reader, { ids: user.id })).toEqual([user.id]);
    await Promise.all([byQuery.stop(), closed.stop()]);
  });
});

describe('a user', () => {
  it('ERR-1 is seen by everybody without his privacy; one who does not exist is NOT_FOUND', async () => {
    const [anna, ben] = await Promise.all([server.user(), server.user()]);
    const user = await see(ben, anna);
    expect(user).toMatchObject({ id: anna.id, username: anna.session.user.username });
    expect(user).not.toHaveProperty('privacy');
    expect(await ben.fail('getUser', { params: { id: randomUUID() } })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('USER-2 PRES-1 is online to those who share a chat with him, and to nobody else', async () => {
    const [anna, friend, stranger] = await Promise.all([
      server.user(),
      server.user(),
      server.user(),
    ]);
    await anna.direct(friend);
    expect((await see(friend, anna)).online).toBe(false);
    await anna.connect();
    expect((await see(friend, anna)).online).toBe(true);
    expect((await list(friend, { ids: anna.id }))[0]?.online).toBe(true);
    expect((await see(stranger, anna)).online).toBe(false);
    expect((await list(stranger, { ids: anna.id }))[0]?.online).toBe(false);
    expect((await see(anna, anna)).online).toBe(true);
    anna.disconnect();
  });

  it('USER-2 PRES-1 with privacy nobody is offline to everybody, in chats too', async () => {
    const [anna, friend] = await Promise.all([server.user(), server.user()]);
    const chat = await friend.direct(anna);
    await anna.connect();
    const onlineIn = async () => {
      const { body } = await friend.call('getChat', { params: { id: chat.id } });
      return body.participants?.find(({ user }) => user.id === anna.id)?.user.online;
    };
    expect(await onlineIn()).toBe(true);
    await update(anna, { privacy: { presence: 'nobody' } });
    expect(await onlineIn()).toBe(false);
    const user = await see(friend, anna);
    expect(user.online).toBe(false);
    expect(user).not.toHaveProperty('lastSeenAt');
    expect((await anna.call('getOwnUser')).body.online).toBe(true);
    anna.disconnect();
  });
});

describe('the profile', () => {
  it('USER-2 begins with defaults and changes by parts; null and blank take the about away', async () => {
    const user = await server.user();
    const { body: first } = await user.call('getOwnUser');
    expect(first.privacy).toEqual({ presence: 'contacts', seen: true, addToGroups: 'all' });
    expect(first).not.toHaveProperty('about');
    const about = 'Two lines\n👋 and an émoji';
    expect(
      await update(user, { displayName: '  Anna K. ', about: ` ${about} `, privacy: null }),
    ).toEqual({ ...first, displayName: 'Anna K.', about });
    const changed = await update(user, { displayName: null, privacy: { seen: false } });
    expect(changed).toEqual({
      ...first,
      displayName: 'Anna K.',
      about,
      privacy: { presence: 'contacts', seen: false, addToGroups: 'all' },
    });
    expect((await user.call('getOwnUser')).body).toEqual(changed);
    const other = await server.user();
    expect(await see(other, user)).toMatchObject({ displayName: 'Anna K.', about });
    expect(await update(user, { about: null })).not.toHaveProperty('about');
    await update(user, { about });
    expect(await update(user, { about: ' \n ' })).not.toHaveProperty('about');
    expect(await update(user, { about: '👋'.repeat(512) })).toHaveProperty('about');
  });

  it.each([
    ['a blank display name', { displayName: ' \u200b ' }],
    ['a display name with NUL', { displayName: 'an\0na' }],
    ['a display name with a bidi override', { displayName: 'anna\u202eknab' }],
    ['a display name with a newline', { displayName: 'an\nna' }],
    ['a display name of 65 characters', { displayName: 'a'.repeat(65) }],
    ['an about of 513 characters', { about: 'a'.repeat(513) }],
    ['an about with NUL', { about: '\0' }],
    ['an about with a lone surrogate', { about: '\ud800' }],
    ['an about that is a number', { about: 7 }],
    ['an unknown privacy', { privacy: { presence: 'friends' } }],
    ['a privacy that is text', { privacy: 'nobody' }],
    ['a seen that is text', { privacy: { seen: 'false' } }],
    ['a list', []],
  ])('AUTH-4 refuses %s as INVALID and changes nothing', async (_, body) => {
    const user = await server.user();
    expect(await user.fail('updateProfile', { body })).toMatchObject({ code: 'INVALID' });
    expect((await user.call('getOwnUser')).body.displayName).toBe(user.session.user.displayName);
  });

  it('USER-2 SYNC-3 profileChanged equals a fresh GET, live on every own device and by sync', async () => {
    const [user, other] = await Promise.all([server.user(), server.user()]);
    await user.direct(other);
    const [socket, atOther] = await Promise.all([user.connect(), other.connect()]);
    const cursor = await socket.cursor();
    await update(user, { displayName: 'One', about: 'Two' });
    // Neither of these changes anything.
    await update(user, {});
    await update(user, { displayName: 'One', about: 'Two', privacy: { seen: true } });
    const last = await update(user, { privacy: { addToGroups: 'contacts' } });
    await socket.until(() => socket.of('profileChanged').length === 2, 'both changes');
    const { body: fresh } = await user.call('getOwnUser');
    expect(fresh).toEqual(last);
    const events = socket.of('profileChanged');
    expect(events[1]).toEqual({ userSeq: (events[0]?.userSeq ?? 0) + 1, user: fresh });
    const { entries } = await socket.command('sync', { cursor });
    expect(entries).toEqual(
      events.map(({ userSeq }) => ({ event: 'profileChanged', payload: { userSeq, user: fresh } })),
    );
    expect(atOther.of('profileChanged')).toEqual([]);
    user.disconnect();
    other.disconnect();
  });

  it('USER-2 SYNC-3 20 changes at once are 20 events in order, and all of them hold', async () => {
    const user = await server.user();
    const socket = await user.connect();
    await Promise.all([
      ...Array.from({ length: 18 }, (_, index) => update(user, { displayName: `Name ${index}` })),
      update(user, { about: 'kept' }),
      update(user, { privacy: { seen: false } }),
    ]);
    await socket.until(() => socket.of('profileChanged').length === 20, 'all changes');
    const { body: fresh } = await user.call('getOwnUser');
    expect(fresh).toMatchObject({ about: 'kept', privacy: { seen: false } });
    expect(socket.of('profileChanged').map(({ userSeq }) => userSeq)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect(socket.of('profileChanged').at(-1)?.user).toEqual(fresh);
    user.disconnect();
  });

  it('USER-2 CHAT-3 whoever lets only contacts add him is left out silently by others', async () => {
    const [anna, friend, stranger] = await Promise.all([
      server.user(),
      server.user(),
      server.user(),
    ]);
    await update(anna, { privacy: { addToGroups: 'contacts' } });
    await anna.direct(friend);
    expect((await stranger.group([anna, friend])).memberCount).toBe(2);
    expect((await friend.group([anna])).memberCount).toBe(2);

    const [theirs, ours] = await Promise.all([
      stranger.group([], { title: 'Theirs' }),
      friend.group([], { title: 'Ours' }),
    ]);
    const add = async (actor: TestUser, id: string) => {
      const request = { params: { id }, body: { userIds: [anna.id] } };
      return (await actor.call('addMembers', request)).body.added.map(({ user }) => user.id);
    };
    expect(await add(stranger, theirs.id)).toEqual([]);
    expect(await add(friend, ours.id)).toEqual([anna.id]);
  });
});
