import { randomUUID } from 'node:crypto';
import type { Chat } from '@natter/protocol';
import {
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { everythingRead, framesOf, type Topic } from './everything-read.js';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let atAnna: TestSocket;
let atBen: TestSocket;
let group: Chat;
let cursors: Map<TestUser, string>;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Promise.all([server.user(), server.user()]);
  [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  cursors = new Map([
    [anna, await atAnna.cursor()],
    [ben, await atBen.cursor()],
  ]);
  group = await anna.group([ben]);
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

function allReadBy(user: TestUser, topic: Partial<Topic>): Promise<string> {
  return everythingRead(user, user === anna ? atAnna : atBen, {
    chatIds: [group.id],
    messageIds: [],
    mediaIds: [],
    userIds: [anna.id, ben.id],
    query: 'nothing',
    cursor: cursors.get(user) ?? '',
    ...topic,
  });
}

const secret = () => `canary-${randomUUID()}`;

describe('T23 after the loss of access', () => {
  it.each(['removed', 'left', 'deleted'])(
    'nothing of the chat is read from anywhere by one for whom it was %s',
    async (how) => {
      const [title, text, draft, later] = [secret(), secret(), secret(), secret()];
      await anna.call('updateChat', {
        params: { id: group.id },
        body: { title, description: title },
      });
      const sent = await atAnna.send(group.id, text);
      const reply = await atBen.send(group.id, 'a reply', { replyToId: sent.id });
      await atBen.command('starMessage', { messageId: sent.id });
      await atBen.command('pinMessage', { messageId: sent.id });
      await atBen.command('setDraft', { chatId: group.id, text: draft, replyToId: sent.id });
      const topic = { messageIds: [sent.id, reply.id], query: title };
      const before = await allReadBy(ben, topic);
      for (const known of [title, text, draft]) expect(before).toContain(known);

      const frames = framesOf(atBen);
      const params = { id: group.id, userId: ben.id };
      if (how === 'removed') await anna.call('removeMember', { params });
      else if (how === 'left') await atBen.command('leaveChat', { chatId: group.id });
      else await anna.call('deleteChat', { params });
      if (how !== 'deleted') {
        await atAnna.send(group.id, later, { replyToId: sent.id });
        await atAnna.command('editMessage', { messageId: sent.id, text: `${text} ${later}` });
      }
      const notes = await ben.direct(ben);
      await atBen.command('setDraft', { chatId: notes.id, text: 'the end' });
      await atBen.next('draftChanged', ({ chatId }) => chatId === notes.id);

      const after = `${await allReadBy(ben, topic)}\n${frames.join('\n')}`;
      expect(after).toContain('chatRemoved');
      for (const gone of [title, text, draft, later]) expect(after).not.toContain(gone);
    },
  );

  it('a sync that was begun before goes on without the chat', async () => {
    const text = secret();
    for (let count = 0; count < 5; count += 1) await atAnna.send(group.id, text);
    // The first page has the own stream and comes to the chat.
    const page = await atBen.command('sync', { cursor: cursors.get(ben), limit: 2 });
    expect(page.hasMore).toBe(true);
    await anna.call('removeMember', { params: { id: group.id, userId: ben.id } });
    const rest = await atBen.command('sync', { cursor: page.cursor, limit: 500 });
    expect(JSON.stringify(rest)).not.toContain(text);
    const next = await atBen.command('sync', { cursor: rest.cursor, limit: 500 });
    expect(JSON.stringify(next)).not.toContain(text);
    expect([...rest.entries, ...next.entries].map(({ event }) => event)).toContain('chatRemoved');
  });
});

it('T24 nobody reads or is sent what another has for himself', async () => {
  const [draft, name] = [secret(), `d-${randomUUID()}`];
  const params = { id: group.id };
  const idle = await ben.otherDevice();
  const frames = framesOf(atAnna);
  const sent = await atBen.send(group.id, 'hello');
  const direct = await anna.direct(ben);
  await ben.call('renameDevice', { params: { id: ben.session.device.id }, body: { name } });
  await atBen.command('setDraft', { chatId: group.id, text: draft, replyToId: sent.id });
  await atBen.command('starMessage', { messageId: sent.id });
  const mutedUntil = '2099-03-04T05:06:07.891Z';
  await ben.call('setPreferences', {
    params,
    body: { mutedUntil, pinned: true, archived: true, markedUnread: true },
  });
  await ben.call('updateProfile', { body: { about: 'there', privacy: { seen: false } } });
  const { body: own } = await ben.call('getChat', { params });
  const [stored] = await queryDatabase<{ password_hash: string }>(
    server.databaseUrl,
    'select password_hash from users where id = $1',
    [ben.id],
  );
  await atBen.send(group.id, 'the end');
  await atAnna.next('newMessage', ({ text }) => text === 'the end');

  const all = `${await allReadBy(anna, {
    chatIds: [group.id, direct.id],
    messageIds: [sent.id],
  })}\n${frames.join('\n')}`;
  expect(all).toContain('the end');
  expect(own.me).toMatchObject({ mutedUntil, markedUnread: true, draft: { text: draft } });
  for (const hidden of [
    draft,
    name,
    mutedUntil,
    own.me?.pinnedAt,
    own.me?.archivedAt,
    'markedUnread',
    'starred',
    idle.session.device.id,
    ben.token,
    ben.session.refreshToken,
    idle.session.refreshToken,
    stored?.password_hash,
  ]) {
    expect(hidden).toBeTypeOf('string');
    expect(all).not.toContain(hidden);
  }
  // The settings of privacy are in what everybody reads of himself, here twice with the export, and in no other user.
  const { body: seen } = await anna.call('getUser', { params: { id: ben.id } });
  expect(seen).not.toHaveProperty('privacy');
  expect(all.match(/"privacy"/g)).toHaveLength(2);
});

describe('T25 what happens to messages of before', () => {
  const happenTo = async (messageId: string) => {
    await atAnna.command('editMessage', { messageId, text: 'edited' });
    await atAnna.command('addReaction', { messageId, emoji: '👍' });
    await atAnna.command('pinMessage', { messageId });
    await atAnna.command('deleteMessage', { messageId, scope: 'everyone' });
  };
  const CHANGES = ['messageEdited', 'reactionChanged', 'messagePinned', 'messageDeleted'];

  it('CHAT-3 is told to one who joined later, from his joining on', async () => {
    const [first, second] = [
      await atAnna.send(group.id, 'one'),
      await atAnna.send(group.id, 'two'),
    ];
    await happenTo(first.id);
    const carl = await server.user();
    const atCarl = await carl.connect();
    const cursor = await atCarl.cursor();
    await anna.call('addMembers', { params: { id: group.id }, body: { userIds: [carl.id] } });
    await atCarl.next('chatAdded');
    await happenTo(second.id);
    await atCarl.next('messageDeleted');
    const { entries } = await atCarl.command('sync', { cursor, limit: 500 });
    // With today's content: the message is a tombstone by now.
    expect(entries.map(({ event }) => event)).toEqual([
      'chatAdded',
      'newMessage',
      'messageEdited',
      'entrySkipped',
      'messagePinned',
      'messageDeleted',
    ]);
    const live = atCarl.received.map(({ event }) => event).filter((it) => CHANGES.includes(it));
    expect(live).toEqual(CHANGES);
    expect(JSON.stringify([entries, atCarl.received])).not.toContain(first.id);
    carl.disconnect();
  });

  it('SYNC-4 comes as entrySkipped to one who has cleared the chat', async () => {
    const sent = await atAnna.send(group.id, 'one');
    await atBen.command('clearChat', { chatId: group.id, upToSeq: sent.seq });
    const cursor = await atBen.cursor();
    await happenTo(sent.id);
    const { seq } = await atAnna.send(group.id, 'two');
    await atBen.next('newMessage', ({ text }) => text === 'two');
    const live = atBen.received.filter(({ payload }) => 'seq' in payload && payload.seq > sent.seq);
    expect(live.map(({ event }) => event)).toEqual([
      ...CHANGES.map(() => 'entrySkipped'),
      'newMessage',
    ]);
    const { entries } = await atBen.command('sync', { cursor, limit: 500 });
    const { body } = await ben.call('getLog', {
      params: { id: group.id },
      query: { after: sent.seq },
    });
    const skipped = { chatId: group.id, seq: sent.seq + 1, toSeq: seq - 1 };
    expect(body.entries).toMatchObject([
      { event: 'entrySkipped', payload: skipped },
      { event: 'newMessage', payload: { text: 'two' } },
    ]);
    // A sync may repeat what the cursor covers already, and then its run of skipped entries begins earlier.
    expect(entries.slice(-2)).toMatchObject([
      { event: 'entrySkipped', payload: { ...skipped, seq: expect.any(Number) } },
      body.entries[1],
    ]);
    expect(entries.at(-2)?.payload).toSatisfy(
      (run: { seq: number }) => run.seq <= skipped.seq && run.seq > 0,
    );
    expect(JSON.stringify([live, entries, body])).not.toContain(sent.id);
  });
});

describe('T26 a group that is closed', () => {
  it('is gone for strangers at once: by its id, in the directory, also in a run of its pages, and by joining', async () => {
    const title = secret();
    const open = await Promise.all(
      [1, 2, 3].map(() => anna.group([], { title, visibility: 'public' })),
    );
    const stranger = await server.user();
    const socket = await stranger.connect();
    const query = { filter: 'public', query: title, limit: 1 };
    const { body: first } = await stranger.call('listChats', { query });
    const shown = first.items[0]?.id;
    const closed = open.filter(({ id }) => id !== shown);
    await Promise.all(
      closed.map(({ id }) =>
        anna.call('updateChat', { params: { id }, body: { visibility: 'private' } }),
      ),
    );
    const { body: rest } = await stranger.call('listChats', {
      query: { ...query, cursor: first.nextCursor ?? '' },
    });
    expect(rest.items).toEqual([]);
    for (const { id } of closed) {
      expect(await stranger.fail('getChat', { params: { id } })).toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(await stranger.fail('joinGroup', { params: { id } })).toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(await socket.fail('joinChat', { chatId: id })).toMatchObject({ code: 'NOT_FOUND' });
    }
    stranger.disconnect();
  });

  it('keeps its members, and its invite ends at once for those who have it', async () => {
    const params = { id: group.id };
    const stranger = await server.user();
    const { body: invite } = await anna.call('createInvite', { params });
    const code = encodeURIComponent(invite.inviteCode);
    expect((await stranger.call('getInvite', { params: { code } })).body.chatId).toBe(group.id);
    await anna.call('deleteInvite', { params });
    expect(await stranger.fail('getInvite', { params: { code } })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await stranger.fail('joinGroup', { params, body: invite })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await ben.call('getChat', { params })).body.memberCount).toBe(2);
  });
});

it('T75 what is left, deleted or renamed is found by nobody: neither by name nor by page counts', async () => {
  const [left, deleted, before, oldName] = [secret(), secret(), secret(), secret()];
  const groups = await Promise.all(
    [left, deleted, before].map((title) => anna.group([ben], { title, visibility: 'private' })),
  );
  const [leftId, deletedId, renamedId] = groups.map(({ id }) => id);
  const carl = await server.user();
  await carl.call('updateProfile', { body: { displayName: oldName } });
  await ben.direct(carl);
  const found = async (query: string) => [
    ...(await ben.call('listChats', { query: { query } })).body.items,
    ...(await ben.call('listUsers', { query: { query } })).body.items,
  ];
  for (const name of [left, deleted, before, oldName]) expect(await found(name)).not.toEqual([]);
  await atBen.command('leaveChat', { chatId: leftId });
  await anna.call('deleteChat', { params: { id: deletedId ?? '' } });
  await anna.call('updateChat', { params: { id: renamedId ?? '' }, body: { title: 'another' } });
  await carl.call('updateProfile', { body: { displayName: 'another' } });
  for (const name of [left, deleted, before, oldName]) expect(await found(name)).toEqual([]);
});
