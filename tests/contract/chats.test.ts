import { randomUUID } from 'node:crypto';
import { startTestServer, type TestServer, type TestUser } from '@natter/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let cleo: TestUser;

beforeAll(async () => {
  server = await startTestServer({ limits: { groupMembers: 4 } });
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
});

describe('direct chats', () => {
  it('CHAT-1 there is one per pair, also when both open it 20 times at once', async () => {
    const chats = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? anna.direct(ben) : ben.direct(anna),
      ),
    );
    expect(new Set(chats.map(({ id }) => id)).size).toBe(1);
    const { body } = await anna.call('listChats');
    expect(body.items).toHaveLength(1);
  });

  it('CHAT-1 the first opening answers 201, the next 200, with both as participants', async () => {
    const request = { body: { type: 'direct', userId: ben.id } };
    const first = await anna.call('createChat', request);
    const second = await anna.call('createChat', request);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect(first.body).toMatchObject({
      type: 'direct',
      memberCount: 2,
      lastSeq: 0,
      me: { role: 'member' },
    });
    expect(first.body.participants?.map(({ user }) => user.id).toSorted()).toEqual(
      [anna.id, ben.id].toSorted(),
    );
  });

  it('CHAT-1 a chat with oneself holds notes', async () => {
    const chat = await anna.direct(anna);
    expect(chat).toMatchObject({ type: 'direct', memberCount: 1 });
    const socket = await anna.connect();
    await socket.send(chat.id, 'milk');
    const { messages } = await socket.command('joinChat', { chatId: chat.id });
    expect(messages.map(({ text }) => text)).toEqual(['milk']);
    anna.disconnect();
  });

  it('CHAT-1 it cannot be left, and nobody can be added to it', async () => {
    const chat = await anna.direct(ben);
    const params = { id: chat.id };
    expect(await anna.fail('leaveGroup', { params })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await anna.fail('addMembers', { params, body: { userIds: [cleo.id] } })).toMatchObject({
      code: 'FORBIDDEN',
    });
  });

  it('CHAT-1 with a user who does not exist is NOT_FOUND', async () => {
    const problem = await anna.fail('createChat', {
      body: { type: 'direct', userId: randomUUID() },
    });
    expect(problem.code).toBe('NOT_FOUND');
  });
});

describe('groups', () => {
  it('CHAT-3 creation tells every member, leaves out who does not exist, and makes the creator owner', async () => {
    const atBen = await ben.connect();
    const chat = await anna.group([ben, { id: randomUUID() }, anna]);
    const { chat: seenByBen } = await atBen.next('chatAdded');
    expect(chat).toMatchObject({
      type: 'group',
      title: 'A group',
      memberCount: 2,
      lastSeq: 1,
      me: { role: 'owner' },
    });
    expect(seenByBen).toMatchObject({ id: chat.id, me: { role: 'member', unreadCount: 0 } });
    expect(chat.lastMessage).toMatchObject({
      kind: 'system',
      system: { type: 'chatCreated' },
      senderId: anna.id,
    });
    ben.disconnect();
  });

  it('CHAT-3 the same clientChatId of the same creator is the same group', async () => {
    const clientChatId = randomUUID();
    const request = { body: { type: 'group', title: 'Once', memberIds: [], clientChatId } };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => anna.call('createChat', request)),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
    const { status } = await ben.call('createChat', request);
    expect(status).toBe(201);
  });

  it('CHAT-3 adding tells the new ones by chatAdded and the rest by the entry, and each gets it once', async () => {
    const chat = await anna.group([ben]);
    const [atAnna, atBen, atCleo] = await Promise.all([
      anna.connect(),
      ben.connect(),
      cleo.connect(),
    ]);
    const { body } = await anna.call('addMembers', {
      params: { id: chat.id },
      body: { userIds: [cleo.id, ben.id, randomUUID()] },
    });
    expect(body.added.map(({ user }) => user.id)).toEqual([cleo.id]);
    const { chat: seenByCleo } = await atCleo.next('chatAdded');
    expect(seenByCleo.me).toMatchObject({ seenSeq: 1, deliveredSeq: 1, unreadCount: 0 });
    const last = await atAnna.send(chat.id, 'welcome');
    for (const socket of [atBen, atCleo])
      await socket.next('newMessage', ({ id }) => id === last.id);
    expect(atBen.of('newMessage').map(({ system }) => system)).toEqual([
      { type: 'membersAdded', userIds: [cleo.id] },
      undefined,
    ]);
    expect(atCleo.of('newMessage').map(({ text }) => text)).toEqual(['welcome']);
    for (const user of [anna, ben, cleo]) user.disconnect();
  });

  it('CHAT-3 who joins a public group sees its history from the start', async () => {
    const chat = await anna.group([], { visibility: 'public' });
    const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
    await atAnna.send(chat.id, 'before');
    const {
      chat: joined,
      messages,
      hasMore,
    } = await atBen.command('joinChat', { chatId: chat.id });
    expect(joined).toMatchObject({
      memberCount: 2,
      me: { role: 'member', unreadCount: 0, seenSeq: 2 },
    });
    expect(messages.map(({ seq, text, system }) => text ?? [seq, system?.type])).toEqual([
      [1, 'chatCreated'],
      'before',
      [3, 'memberJoined'],
    ]);
    expect(hasMore).toBe(false);
    expect((await atBen.next('chatAdded')).chat.id).toBe(chat.id);
    await atAnna.next('newMessage', ({ system }) => system?.type === 'memberJoined');
    const last = await atAnna.send(chat.id, 'after');
    await atBen.next('newMessage', ({ id }) => id === last.id);
    anna.disconnect();
    ben.disconnect();
  });

  it('CHAT-3 a non-member sees the description of a public group and nothing below it', async () => {
    const chat = await anna.group([], { visibility: 'public' });
    const { body } = await ben.call('getChat', { params: { id: chat.id } });
    expect(body).toMatchObject({ id: chat.id, title: 'A group', memberCount: 1 });
    for (const field of ['participants', 'lastMessage', 'me'])
      expect(body).not.toHaveProperty(field);
    for (const route of ['getHistory', 'getLog', 'listMembers', 'leaveGroup'] as const) {
      expect(await ben.fail(route, { params: { id: chat.id } })).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
  });

  it('CHAT-3 who left sees nothing new, and asking gets NOT_FOUND', async () => {
    const chat = await anna.group([ben, cleo]);
    const [atAnna, atBen, atCleo] = await Promise.all([
      anna.connect(),
      ben.connect(),
      cleo.connect(),
    ]);
    await atBen.command('leaveChat', { chatId: chat.id });
    const told = await atCleo.next('newMessage');
    expect(told).toMatchObject({
      senderId: ben.id,
      system: { type: 'memberLeft', userIds: [ben.id] },
    });
    const last = await atAnna.send(chat.id, 'he is gone');
    await atCleo.next('newMessage', ({ id }) => id === last.id);
    await atBen.next('chatRemoved');
    expect(atBen.of('newMessage')).toEqual([]);
    for (const route of ['getChat', 'getHistory', 'getLog', 'listMembers', 'leaveGroup'] as const) {
      expect(await ben.fail(route, { params: { id: chat.id } })).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    expect(await atBen.fail('leaveChat', { chatId: chat.id })).toMatchObject({ code: 'NOT_FOUND' });
    for (const user of [anna, ben, cleo]) user.disconnect();
  });

  it('CHAT-3 one who left and joined again receives again, on every socket', async () => {
    const chat = await anna.group([ben], { visibility: 'public' });
    const [atAnna, atBen, atBenToo] = await Promise.all([
      anna.connect(),
      ben.connect(),
      ben.connect(),
    ]);
    await atBen.command('leaveChat', { chatId: chat.id });
    await atBen.command('joinChat', { chatId: chat.id });
    for (const socket of [atBen, atBenToo]) await socket.next('chatAdded');
    const last = await atAnna.send(chat.id, 'welcome back');
    for (const socket of [atBen, atBenToo])
      await socket.next('newMessage', ({ id }) => id === last.id);
    anna.disconnect();
    ben.disconnect();
  });

  it('CHAT-2 when the last owner leaves, the oldest member becomes owner', async () => {
    const chat = await anna.group([ben]);
    await anna.call('addMembers', { params: { id: chat.id }, body: { userIds: [cleo.id] } });
    const atCleo = await cleo.connect();
    await anna.call('leaveGroup', { params: { id: chat.id } });
    await atCleo.next('newMessage', ({ system }) => system?.type === 'roleChanged');
    expect(atCleo.of('newMessage').map(({ system }) => system)).toEqual([
      { type: 'memberLeft', userIds: [anna.id] },
      { type: 'roleChanged', userIds: [ben.id], role: 'owner' },
    ]);
    const { body } = await cleo.call('listMembers', { params: { id: chat.id } });
    expect(body.items.map(({ user, role }) => [user.id, role])).toEqual([
      [ben.id, 'owner'],
      [cleo.id, 'member'],
    ]);
    cleo.disconnect();
  });

  it('CHAT-2 a member may not add where the settings say admins', async () => {
    const chat = await anna.group([ben]);
    const problem = await ben.fail('addMembers', {
      params: { id: chat.id },
      body: { userIds: [cleo.id] },
    });
    expect(problem.code).toBe('FORBIDDEN');
  });

  it('ERR-1 a group over its limit is TOO_LARGE, at creation, by adding and by joining', async () => {
    const five = [ben, cleo, ...(await Promise.all([server.user(), server.user()]))];
    const body = { type: 'group', title: 'Too many', memberIds: five.map(({ id }) => id) };
    expect(await anna.fail('createChat', { body })).toMatchObject({
      code: 'TOO_LARGE',
      status: 413,
    });
    const chat = await anna.group(five.slice(0, 3), { visibility: 'public' });
    const params = { id: chat.id };
    expect(
      await anna.fail('addMembers', { params, body: { userIds: [five[3]?.id] } }),
    ).toMatchObject({
      code: 'TOO_LARGE',
    });
    expect(await five[3]?.fail('joinGroup', { params })).toMatchObject({ code: 'TOO_LARGE' });
  });
});

describe('the chat list', () => {
  it('CHAT-4 is ordered by activity, pages by cursor without repeats, and counts unread', async () => {
    const chats = [];
    for (let index = 0; index < 5; index += 1)
      chats.push(await anna.group([ben], { title: `Group ${index}` }));
    const socket = await anna.connect();
    const [first] = chats;
    await socket.send(first?.id ?? '', 'one');
    await socket.send(first?.id ?? '', 'two');
    const pages = [];
    let cursor: string | undefined;
    do {
      const { body } = await ben.call('listChats', {
        query: { limit: 2, ...(cursor !== undefined && { cursor }) },
      });
      pages.push(body.items);
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(pages.map((page) => page.map(({ title }) => title))).toEqual([
      ['Group 0', 'Group 4'],
      ['Group 3', 'Group 2'],
      ['Group 1'],
    ]);
    const [top] = pages[0] ?? [];
    expect(top).toMatchObject({
      lastMessage: { text: 'two' },
      lastSeq: 3,
      me: { unreadCount: 2, seenSeq: 0 },
    });
    const { body: own } = await anna.call('getChat', { params: { id: first?.id ?? '' } });
    expect(own.me).toMatchObject({ unreadCount: 0, seenSeq: 3, deliveredSeq: 3 });
    anna.disconnect();
  });

  it("ERR-1 an edited cursor, another user's and one of another list are INVALID", async () => {
    await Promise.all([anna.group(), anna.group(), ben.group(), ben.group()]);
    const { body } = await anna.call('listChats', { query: { limit: 1 } });
    const cursor = body.nextCursor ?? '';
    for (const request of [
      () => anna.fail('listChats', { query: { cursor: `${cursor.slice(0, -2)}AA` } }),
      () => anna.fail('listChats', { query: { cursor: 'nonsense' } }),
      () => ben.fail('listChats', { query: { cursor } }),
    ]) {
      expect(await request()).toMatchObject({ code: 'INVALID', details: [{ path: 'cursor' }] });
    }
    const socket = await anna.connect();
    expect(await socket.fail('sync', { cursor })).toMatchObject({ code: 'INVALID' });
    anna.disconnect();
  });
});

it('PRIV-1 every route of a chat answers a stranger as for a random id', async () => {
  const chat = await anna.group([ben]);
  const requests = [
    ['getChat', {}],
    ['joinGroup', {}],
    ['leaveGroup', {}],
    ['listMembers', {}],
    ['addMembers', { body: { userIds: [cleo.id] } }],
    ['getHistory', {}],
    ['getLog', {}],
    ['sendMessage', { body: { kind: 'text', text: 'x', clientMessageId: randomUUID() } }],
  ] as const;
  for (const [route, request] of requests) {
    const answers = await Promise.all(
      [chat.id, randomUUID()].map((id) => cleo.fail(route, { params: { id }, ...request })),
    );
    const [foreign, missing] = answers.map(({ requestId: _, ...answer }) => answer);
    expect(foreign, route).toMatchObject({ code: 'NOT_FOUND' });
    expect(foreign, route).toEqual(missing);
  }
  const socket = await cleo.connect();
  for (const command of ['joinChat', 'leaveChat'] as const) {
    const answers = await Promise.all(
      [chat.id, randomUUID()].map((chatId) => socket.fail(command, { chatId })),
    );
    const [foreign, missing] = answers.map(({ requestId: _, ...answer }) => answer);
    expect(foreign, command).toEqual(missing);
  }
  cleo.disconnect();
});
