import type { User } from '@natter/protocol';
import {
  PASSWORD,
  queryDatabase,
  settle,
  startTestServer,
  type TestServer,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let cleo: TestUser;
let dora: TestUser;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben, cleo, dora] = await Promise.all([
    server.user(),
    server.user(),
    server.user(),
    server.user(),
  ]);
});
afterEach(() => {
  for (const user of [anna, ben, cleo, dora]) user.disconnect();
});

async function see(reader: TestUser, { id }: { id: string }): Promise<User> {
  return (await reader.call('getUser', { params: { id } })).body;
}

/** What a socket was told of a user's presence and names, in order. */
function told(socket: TestSocket, { id }: { id: string }): string[] {
  return socket.received.flatMap(({ event, payload }) => {
    if (event === 'userUpdated') {
      return (payload as { user: { id: string } }).user.id === id ? [event] : [];
    }
    if (event !== 'userOnline' && event !== 'userOffline') return [];
    return (payload as { userId: string }).userId === id ? [event] : [];
  });
}

function hide(user: TestUser, presence: 'nobody' | 'contacts' = 'nobody') {
  return user.call('updateProfile', { body: { privacy: { presence } } });
}

describe('online and offline', () => {
  it('PRES-1 T77 are told to those who share a chat, once each, with no chat in it, and to no stranger', async () => {
    await anna.direct(ben);
    // Two chats with Ben are no reason to tell him twice.
    const group = await anna.group([ben, cleo]);
    await ben.direct(dora);
    const [atBen, atCleo, stranger] = await Promise.all([
      ben.connect(),
      cleo.connect(),
      dora.connect(),
    ]);
    const annaToo = await anna.otherDevice();
    const [socket, own] = [await anna.connect(), await annaToo.connect()];
    for (const other of [atBen, atCleo]) {
      expect(await other.next('userOnline', ({ userId }) => userId === anna.id)).toEqual({
        userId: anna.id,
      });
    }
    expect(await see(cleo, anna)).toMatchObject({ online: true });
    expect(await see(cleo, anna)).not.toHaveProperty('lastSeenAt');

    const before = Date.now();
    anna.disconnect();
    await settle(own, annaToo);
    annaToo.disconnect();
    const offline = await atBen.next('userOffline');
    expect(offline).toEqual({ userId: anna.id, lastSeenAt: expect.any(String) });
    expect(Date.parse(offline.lastSeenAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(offline.lastSeenAt)).toBeLessThan(Date.now());
    await atCleo.next('userOffline');
    for (const [other, user] of [
      [atBen, ben],
      [atCleo, cleo],
    ] as const) {
      await settle(other, user);
      expect(told(other, anna)).toEqual(['userOnline', 'userOffline']);
    }
    await settle(stranger, dora);
    expect(told(stranger, anna)).toEqual([]);
    expect([told(socket, anna), told(own, anna)]).toEqual([[], []]);

    // What is asked for then says the same, wherever a user is shown, to who may know it and to nobody else.
    const { lastSeenAt } = offline;
    expect(await see(ben, anna)).toMatchObject({ online: false, lastSeenAt });
    expect(await see(anna, anna)).toMatchObject({ online: false, lastSeenAt });
    const { body: listed } = await ben.call('listUsers', { query: { ids: anna.id } });
    expect(listed.items).toMatchObject([{ online: false, lastSeenAt }]);
    const { body: members } = await cleo.call('listMembers', { params: { id: group.id } });
    expect(members.items.find(({ user }) => user.id === anna.id)?.user).toMatchObject({
      online: false,
      lastSeenAt,
    });
    for (const user of [
      await see(dora, anna),
      (await dora.call('listUsers', { query: { ids: anna.id } })).body.items[0],
    ]) {
      expect(user).toMatchObject({ online: false });
      expect(user).not.toHaveProperty('lastSeenAt');
    }
  });

  it('PRES-1 T77 of a user without any chat nobody is told', async () => {
    const atBen = await ben.connect();
    await anna.connect();
    await anna.call('updateProfile', { body: { displayName: 'Somebody' } });
    await hide(anna);
    await settle(atBen, ben);
    expect(told(atBen, anna)).toEqual([]);
  });

  it('PRES-1 a reconnect within the grace is told to nobody, and lets nobody see him offline', async () => {
    await anna.direct(ben);
    const atBen = await ben.connect();
    const first = await anna.connect();
    await atBen.next('userOnline');
    first.close();
    expect((await see(ben, anna)).online).toBe(true);
    await anna.connect();
    // The next to leave is told of after the grace of the first is over.
    await cleo.direct(ben);
    const atCleo = await cleo.connect();
    await atBen.next('userOnline', ({ userId }) => userId === cleo.id);
    atCleo.close();
    await atBen.next('userOffline', ({ userId }) => userId === cleo.id);
    expect(told(atBen, anna)).toEqual(['userOnline']);
    expect((await see(ben, anna)).online).toBe(true);
  });

  it('PRES-1 in a group of over 100 nobody is told, and everybody may ask', async () => {
    const [large, small] = [await anna.group([ben]), await anna.group([cleo])];
    const count = (id: string, members: number) =>
      queryDatabase(server.databaseUrl, 'update chats set member_count = $2 where id = $1', [
        id,
        members,
      ]);
    await count(large.id, 101);
    await count(small.id, 100);
    const [atBen, atCleo] = await Promise.all([ben.connect(), cleo.connect()]);
    await anna.connect();
    await atCleo.next('userOnline');
    await settle(atBen, ben);
    expect(told(atBen, anna)).toEqual([]);
    expect((await see(ben, anna)).online).toBe(true);
  });

  it('PRES-1 who left the chat is told no more, and may not ask any more', async () => {
    const group = await anna.group([ben, cleo]);
    const [atBen, atCleo] = await Promise.all([ben.connect(), cleo.connect()]);
    await ben.call('leaveGroup', { params: { id: group.id } });
    await anna.connect();
    await atCleo.next('userOnline');
    await settle(atBen, ben);
    expect(told(atBen, anna)).toEqual([]);
    expect((await see(ben, anna)).online).toBe(false);
  });
});

describe('privacy', () => {
  it('PRES-1 USER-2 of who shows himself to nobody, nobody is told', async () => {
    await anna.direct(ben);
    await hide(anna);
    const atBen = await ben.connect();
    await anna.connect();
    await settle(atBen, ben);
    expect(told(atBen, anna)).toEqual([]);
    expect((await see(ben, anna)).online).toBe(false);
  });

  it('PRES-1 USER-2 hiding while online is told as if he left, showing himself again as if he came', async () => {
    await anna.direct(ben);
    const atBen = await ben.connect();
    await anna.connect();
    await atBen.next('userOnline');
    const before = Date.now();
    await hide(anna);
    const { userId, lastSeenAt } = await atBen.next('userOffline');
    expect(userId).toBe(anna.id);
    expect(Date.parse(lastSeenAt)).toBeGreaterThanOrEqual(before);
    const hidden = await see(ben, anna);
    expect(hidden.online).toBe(false);
    expect(hidden).not.toHaveProperty('lastSeenAt');
    await hide(anna);
    await hide(anna, 'contacts');
    await atBen.until(() => told(atBen, anna).length > 2, 'the second userOnline');
    expect(told(atBen, anna)).toEqual(['userOnline', 'userOffline', 'userOnline']);
    expect((await see(ben, anna)).online).toBe(true);
  });

  it('PRES-1 USER-2 a last seen of before is hidden, too, but not from himself', async () => {
    const group = await anna.group([ben]);
    await queryDatabase(
      server.databaseUrl,
      `update users set last_seen_at = '2026-01-02T03:04:05.678Z' where id = $1`,
      [anna.id],
    );
    const lastSeenAt = '2026-01-02T03:04:05.678Z';
    expect(await see(ben, anna)).toMatchObject({ online: false, lastSeenAt });
    await hide(anna);
    const { body: chat } = await ben.call('getChat', { params: { id: group.id } });
    const member = chat.participants?.find(({ user }) => user.id === anna.id);
    expect(member?.user).toMatchObject({ online: false });
    for (const user of [member?.user, await see(ben, anna)]) {
      expect(user).not.toHaveProperty('lastSeenAt');
    }
    expect((await anna.call('getOwnUser')).body).toMatchObject({ lastSeenAt });
  });
});

describe('userUpdated', () => {
  it('USER-2 a new name is told to the same others, also by who hides his presence', async () => {
    await Promise.all([anna.direct(ben), hide(anna)]);
    const [socket, atBen, stranger] = await Promise.all([
      anna.connect(),
      ben.connect(),
      dora.connect(),
    ]);
    await anna.call('updateProfile', { body: { displayName: 'Anna K.' } });
    // Neither of these changes what others call him.
    await anna.call('updateProfile', { body: { displayName: 'Anna K.', about: 'new' } });
    await anna.call('updateProfile', { body: { privacy: { seen: false } } });
    const { username } = anna.session.user;
    expect(await atBen.next('userUpdated')).toEqual({
      user: { id: anna.id, username, displayName: 'Anna K.' },
    });
    await Promise.all([settle(atBen, ben), settle(stranger, dora), settle(socket, anna)]);
    expect(told(atBen, anna)).toEqual(['userUpdated']);
    expect([told(stranger, anna), told(socket, anna)]).toEqual([[], []]);
  });

  it('USER-2 of many changes at once the last one told is the one that holds', async () => {
    await anna.direct(ben);
    const atBen = await ben.connect();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        anna.call('updateProfile', { body: { displayName: `Name ${index}` } }),
      ),
    );
    const { displayName } = await see(ben, anna);
    await atBen.until(
      () => atBen.of('userUpdated').at(-1)?.user.displayName === displayName,
      'the last name',
    );
    await settle(atBen, ben);
    expect(atBen.of('userUpdated').at(-1)?.user.displayName).toBe(displayName);
  });

  it('PRES-1 USER-3 a deletion is told to those who knew the user, in groups too, and ends his presence', async () => {
    await Promise.all([anna.direct(ben), anna.group([cleo])]);
    const [atBen, atCleo, stranger] = await Promise.all([
      ben.connect(),
      cleo.connect(),
      dora.connect(),
    ]);
    await anna.connect();
    await Promise.all([atBen.next('userOnline'), atCleo.next('userOnline')]);
    await anna.call('deleteAccount', { body: { password: PASSWORD } });
    for (const other of [atBen, atCleo]) {
      expect((await other.next('userUpdated')).user).toEqual({
        id: anna.id,
        username: `deleted-${anna.id.slice(-8)}`,
        displayName: 'Deleted user',
      });
      await other.next('userOffline');
    }
    const chat = (await ben.call('listChats')).body.items.find(({ type }) => type === 'direct');
    const member = chat?.participants?.find(({ user }) => user.id === anna.id);
    expect(member?.user).toMatchObject({ displayName: 'Deleted user', online: false });
    expect(member?.user).not.toHaveProperty('lastSeenAt');
    await Promise.all([settle(atBen, ben), settle(stranger, dora)]);
    expect(told(atBen, anna)).toEqual(['userOnline', 'userUpdated', 'userOffline']);
    expect(told(stranger, anna)).toEqual([]);
  });
});

it('PRES-1 a server that stops tells nobody that the others are gone, and keeps when they were last seen', async () => {
  const stopping = await startTestServer({ databaseUrl: server.databaseUrl });
  await anna.direct(ben);
  const there = (user: TestUser) => new TestUser(stopping.url, user.session);
  const [annaThere, benThere] = [there(anna), there(ben)];
  const atBen = await benThere.connect();
  const atAnna = await annaThere.connect();
  await atBen.next('userOnline');
  const before = Date.now();
  await stopping.stop();
  await atBen.until(() => atBen.raw.disconnected, 'the cut');
  await atAnna.until(() => atAnna.raw.disconnected, 'the cut');
  expect(told(atBen, anna)).toEqual(['userOnline']);
  for (const [reader, user] of [
    [ben, anna],
    [anna, ben],
  ] as const) {
    const { online, lastSeenAt } = await see(reader, user);
    expect(online).toBe(false);
    expect(Date.parse(lastSeenAt ?? '')).toBeGreaterThanOrEqual(before);
  }
});
