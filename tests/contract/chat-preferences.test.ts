import { randomUUID } from 'node:crypto';
import { queryDatabase, startTestServer, type TestServer, type TestUser } from '@natter/testing';
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

describe('preferences', () => {
  const FUTURE = '2999-12-31T23:59:59.999Z';

  it('CHAT-4 are set one by one and removed by null or false', async () => {
    const chat = await anna.group([ben]);
    expect(chat.me).not.toHaveProperty('pinnedAt');
    const before = Date.now();
    const { me: pinned } = await anna.prefer(chat.id, { pinned: true });
    expect(Date.parse(pinned?.pinnedAt ?? '')).toBeGreaterThanOrEqual(before - 1000);
    await anna.prefer(chat.id, { archived: true, markedUnread: true });
    const { me: all } = await anna.prefer(chat.id, { mutedUntil: FUTURE });
    expect(all).toMatchObject({
      pinnedAt: pinned?.pinnedAt,
      archivedAt: expect.any(String),
      markedUnread: true,
      mutedUntil: FUTURE,
    });
    expect((await anna.readChat(chat.id)).me).toEqual(all);
    const { me: same } = await anna.prefer(chat.id, { pinned: true, archived: true });
    expect(same).toEqual(all);
    const { me: some } = await anna.prefer(chat.id, { pinned: false, mutedUntil: null });
    for (const field of ['pinnedAt', 'mutedUntil']) expect(some).not.toHaveProperty(field);
    expect(some).toMatchObject({ archivedAt: all?.archivedAt, markedUnread: true });
    const { me: none } = await anna.prefer(chat.id, { archived: null, markedUnread: null });
    expect(none).toEqual(chat.me);
    expect((await ben.readChat(chat.id)).me).not.toHaveProperty('pinnedAt');
  });

  it('CHAT-4 a time that is over mutes nothing', async () => {
    const chat = await anna.group();
    const { me } = await anna.prefer(chat.id, { mutedUntil: '2020-01-01T00:00:00.000Z' });
    expect(me).toEqual(chat.me);
    const soon = new Date(Date.now() + 300).toISOString();
    await anna.prefer(chat.id, { mutedUntil: soon });
    await expect.poll(async () => (await anna.readChat(chat.id)).me).toEqual(chat.me);
    const { me: offset } = await anna.prefer(chat.id, { mutedUntil: '2999-01-01T02:00:00+02:00' });
    expect(offset?.mutedUntil).toBe('2999-01-01T00:00:00.000Z');
  });

  it('SYNC-3 FAN-1 come to every device by event and by sync, equal to a fresh snapshot, and only once', async () => {
    const chat = await anna.group([ben]);
    const away = await anna.otherDevice();
    const [atAnna, atOther, atBen] = await Promise.all([
      anna.connect(),
      away.connect(),
      ben.connect(),
    ]);
    const cursor = await atOther.cursor();
    await anna.prefer(chat.id, { pinned: true, mutedUntil: FUTURE });
    await anna.prefer(chat.id, { pinned: true, mutedUntil: FUTURE });
    await anna.prefer(chat.id, {});
    const { me } = await anna.prefer(chat.id, { archived: true });
    expect((await away.readChat(chat.id)).me).toEqual(me);
    for (const socket of [atAnna, atOther]) {
      const event = await socket.next('chatPreferencesChanged', (payload) =>
        Boolean(payload.me.archivedAt),
      );
      expect(event).toMatchObject({ chatId: chat.id, me });
      expect(event.me).toEqual(me);
      expect(socket.of('chatPreferencesChanged')).toHaveLength(2);
    }
    const { entries } = await atOther.command('sync', { cursor });
    const synced = entries.filter(({ event }) => event === 'chatPreferencesChanged');
    const [first, second] = synced;
    expect(synced).toHaveLength(2);
    expect(second).toEqual({
      event: 'chatPreferencesChanged',
      payload: {
        userSeq: atOther.of('chatPreferencesChanged').at(-1)?.userSeq,
        chatId: chat.id,
        me,
      },
    });
    // Today's content, as always.
    expect(first?.payload).toMatchObject({ me });
    expect(atBen.of('chatPreferencesChanged')).toEqual([]);
    for (const user of [anna, away, ben]) user.disconnect();
  });

  it('CHAT-3 end with the membership', async () => {
    const chat = await anna.group([ben], { visibility: 'public' });
    await ben.prefer(chat.id, { pinned: true, archived: true, mutedUntil: FUTURE });
    await ben.call('leaveGroup', { params: { id: chat.id } });
    const { body } = await ben.call('joinGroup', { params: { id: chat.id } });
    for (const field of ['pinnedAt', 'archivedAt', 'mutedUntil'])
      expect(body.me).not.toHaveProperty(field);
    expect((await ben.call('listChats')).body.items.map(({ id }) => id)).toEqual([chat.id]);
  });

  it('PRIV-1 are NOT_FOUND to a stranger as for a random id, also of a public group', async () => {
    const chats = [
      await anna.group([ben]),
      await anna.group([ben], { visibility: 'public' }),
      { id: randomUUID() },
    ];
    const answers = await Promise.all(
      chats.map(({ id }) =>
        cleo.fail('setPreferences', { params: { id }, body: { pinned: true } }),
      ),
    );
    const [foreign, open, missing] = answers.map(({ requestId: _, ...answer }) => answer);
    expect(missing).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    expect(foreign).toEqual(missing);
    expect(open).toEqual(missing);
    const rows = await queryDatabase(
      server.databaseUrl,
      'select from preferences where user_id = $1',
      [cleo.id],
    );
    expect(rows).toEqual([]);
  });

  it.each([
    [{ mutedUntil: 'tomorrow' }, 'mutedUntil'],
    [{ mutedUntil: 7 }, 'mutedUntil'],
    [{ mutedUntil: '2999-02-30T00:00:00.000Z' }, 'mutedUntil'],
    [{ pinned: 'yes' }, 'pinned'],
    [{ archived: 1 }, 'archived'],
    [{ markedUnread: [] }, 'markedUnread'],
  ])('ERR-1 %j is INVALID', async (body, path) => {
    const chat = await anna.group();
    expect(await anna.fail('setPreferences', { params: { id: chat.id }, body })).toMatchObject({
      code: 'INVALID',
      details: [{ path }],
    });
  });
});
