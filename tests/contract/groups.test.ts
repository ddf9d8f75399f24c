import { randomUUID } from 'node:crypto';
import {
  queryDatabase,
  seedGroup,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let cleo: TestUser;
let dora: TestUser;

beforeAll(async () => {
  server = await startTestServer();
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

/** Anna owns it, Ben is admin, Cleo member; Dora is a stranger. */
async function groupOfRoles(): Promise<string> {
  const { id } = await anna.group([ben, cleo]);
  await anna.call('changeRole', { params: { id, userId: ben.id }, body: { role: 'admin' } });
  return id;
}

async function rolesOf(user: TestUser, id: string): Promise<Record<string, string>> {
  const { body } = await user.call('listMembers', { params: { id } });
  return Object.fromEntries(body.items.map(({ user: member, role }) => [member.id, role]));
}

describe('roles', () => {
  it('CHAT-2 an owner gives a role, and everybody is told once', async () => {
    const { id } = await anna.group([ben]);
    const atBen = await ben.connect();
    const request = { params: { id, userId: ben.id }, body: { role: 'admin' } };
    const { body } = await anna.call('changeRole', request);
    expect(body).toMatchObject({ user: { id: ben.id }, role: 'admin' });
    await anna.call('changeRole', request);
    const { body: log } = await anna.call('getLog', { params: { id } });
    expect(log.entries).toHaveLength(2);
    expect((await atBen.next('newMessage')).system).toEqual({
      type: 'roleChanged',
      userIds: [ben.id],
      role: 'admin',
    });
    ben.disconnect();
  });

  it('CHAT-2 only owners change roles, also not their own', async () => {
    const id = await groupOfRoles();
    for (const user of [ben, cleo]) {
      for (const other of [anna, ben, cleo]) {
        const request = { params: { id, userId: other.id }, body: { role: 'owner' } };
        expect(await user.fail('changeRole', request)).toMatchObject({ code: 'FORBIDDEN' });
      }
    }
    expect(await rolesOf(cleo, id)).toEqual({
      [anna.id]: 'owner',
      [ben.id]: 'admin',
      [cleo.id]: 'member',
    });
  });

  it('CHAT-2 an owner steps down only while another remains', async () => {
    const id = await groupOfRoles();
    const stepDown = { params: { id, userId: anna.id }, body: { role: 'member' } };
    expect(await anna.fail('changeRole', stepDown)).toMatchObject({ code: 'FORBIDDEN' });
    await anna.call('changeRole', { params: { id, userId: ben.id }, body: { role: 'owner' } });
    await anna.call('changeRole', stepDown);
    expect(await rolesOf(anna, id)).toMatchObject({ [anna.id]: 'member', [ben.id]: 'owner' });
  });

  it('CHAT-2 of two owners who demote each other at once, one remains', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await anna.group([ben]);
      await anna.call('changeRole', { params: { id, userId: ben.id }, body: { role: 'owner' } });
      const body = { role: 'member' };
      await Promise.allSettled([
        anna.call('changeRole', { params: { id, userId: ben.id }, body }),
        ben.call('changeRole', { params: { id, userId: anna.id }, body }),
      ]);
      const roles = Object.values(await rolesOf(anna, id));
      expect(roles.toSorted()).toEqual(['member', 'owner']);
    }
  });

  it('CHAT-2 the last owner leaving while he is demoted leaves an owner behind', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await anna.group([ben, cleo]);
      await anna.call('changeRole', { params: { id, userId: ben.id }, body: { role: 'owner' } });
      await Promise.allSettled([
        ben.call('changeRole', { params: { id, userId: anna.id }, body: { role: 'member' } }),
        anna.call('leaveGroup', { params: { id } }),
        ben.call('leaveGroup', { params: { id } }),
      ]);
      expect(Object.values(await rolesOf(cleo, id))).toContain('owner');
    }
  });
});

describe('removal', () => {
  it('CHAT-2 admins remove members, owners everybody, members nobody but themselves', async () => {
    const id = await groupOfRoles();
    const remove = (userId: string) => ({ params: { id, userId } });
    expect(await cleo.fail('removeMember', remove(ben.id))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ben.fail('removeMember', remove(anna.id))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await ben.fail('removeMember', remove(dora.id))).toMatchObject({ code: 'NOT_FOUND' });
    await ben.call('removeMember', remove(cleo.id));
    await anna.call('removeMember', remove(ben.id));
    expect(await rolesOf(anna, id)).toEqual({ [anna.id]: 'owner' });
    await anna.call('addMembers', { params: { id }, body: { userIds: [cleo.id] } });
    await cleo.call('removeMember', remove(cleo.id));
    expect(await rolesOf(anna, id)).toEqual({ [anna.id]: 'owner' });
  });

  it('FAN-1 who is removed gets chatRemoved, and nothing above his removal', async () => {
    const { id } = await anna.group([ben, cleo]);
    const [atAnna, atBen, atCleo] = await Promise.all([
      anna.connect(),
      ben.connect(),
      cleo.connect(),
    ]);
    const burst = Array.from({ length: 50 }, (_, index) =>
      atAnna.send(id, `before or after ${index}`),
    );
    await anna.call('removeMember', { params: { id, userId: ben.id } });
    await Promise.all(burst);
    await atAnna.send(id, 'he is gone');
    const removed = await atBen.next('chatRemoved');
    expect(removed).toMatchObject({ chatId: id, reason: 'removed' });
    const told = await atCleo.next('newMessage', ({ system }) => system?.type === 'memberRemoved');
    await atCleo.next('newMessage', ({ text }) => text === 'he is gone');
    expect(told).toMatchObject({ senderId: anna.id, system: { userIds: [ben.id] } });
    expect(atBen.of('newMessage').filter(({ seq }) => seq >= told.seq)).toEqual([]);
    for (const user of [anna, ben, cleo]) user.disconnect();
  });

  it('CHAT-2 a removal against a stream of sends: nothing of the removed is stored above it', async () => {
    const { id } = await anna.group([ben]);
    const atBen = await ben.connect();
    const stopping = new AbortController();
    const sending = (async () => {
      while (!stopping.signal.aborted) {
        await Promise.all(
          Array.from({ length: 20 }, () =>
            atBen.answer('sendMessage', {
              chatId: id,
              clientMessageId: randomUUID(),
              text: 'still here',
            }),
          ),
        );
      }
    })();
    await atBen.send(id, 'first');
    await anna.call('removeMember', { params: { id, userId: ben.id } });
    stopping.abort();
    await sending;
    const { body } = await anna.call('getHistory', { params: { id }, query: { limit: 100 } });
    const removal = body.items.find(({ system }) => system?.type === 'memberRemoved');
    expect(removal).toBeDefined();
    expect(body.items.filter(({ seq }) => seq > (removal?.seq ?? 0))).toEqual([]);
    const late = await atBen.answer('sendMessage', {
      chatId: id,
      clientMessageId: randomUUID(),
      text: 'late',
    });
    expect(late).toMatchObject({ ok: false, error: { code: 'NOT_FOUND' } });
    ben.disconnect();
  });
});

describe('info and settings', () => {
  it('CHAT-2 an admin edits, everybody is told what changed, and the same again makes no entry', async () => {
    const id = await groupOfRoles();
    const atCleo = await cleo.connect();
    const body = {
      title: ' New name ',
      description: 'line one\nline two',
      settings: { send: 'admins' },
    };
    const { body: chat } = await ben.call('updateChat', { params: { id }, body });
    expect(chat).toMatchObject({
      title: 'New name',
      description: 'line one\nline two',
      settings: { send: 'admins', addMembers: 'admins', editInfo: 'admins' },
    });
    const { lastSeq } = (await ben.call('updateChat', { params: { id }, body })).body;
    expect(lastSeq).toBe(chat.lastSeq);
    expect((await atCleo.next('newMessage')).system).toEqual({
      type: 'chatUpdated',
      changes: {
        title: 'New name',
        description: 'line one\nline two',
        settings: { send: 'admins', addMembers: 'admins', editInfo: 'admins' },
      },
    });
    const { body: without } = await ben.call('updateChat', {
      params: { id },
      body: { description: null },
    });
    expect(without).not.toHaveProperty('description');
    const nulls = { settings: { send: null, addMembers: 'all', editInfo: null } };
    const { body: opened } = await ben.call('updateChat', { params: { id }, body: nulls });
    expect(opened.settings).toEqual({ send: 'admins', addMembers: 'all', editInfo: 'admins' });
    cleo.disconnect();
  });

  it('CHAT-2 the settings say who sends, adds and edits', async () => {
    const id = await groupOfRoles();
    const send = {
      params: { id },
      body: { kind: 'text', text: 'x', clientMessageId: randomUUID() },
    };
    const add = { params: { id }, body: { userIds: [dora.id] } };
    const edit = { params: { id }, body: { title: 'Mine' } };
    expect(await cleo.fail('addMembers', add)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await cleo.fail('updateChat', edit)).toMatchObject({ code: 'FORBIDDEN' });
    await anna.call('updateChat', {
      params: { id },
      body: { settings: { send: 'admins', addMembers: 'all', editInfo: 'all' } },
    });
    expect(await cleo.fail('sendMessage', send)).toMatchObject({ code: 'FORBIDDEN' });
    await ben.call('sendMessage', send);
    await cleo.call('addMembers', add);
    await cleo.call('updateChat', edit);
    for (const body of [{ visibility: 'public' }, { settings: { send: 'all' } }]) {
      expect(await cleo.fail('updateChat', { params: { id }, body })).toMatchObject({
        code: 'FORBIDDEN',
      });
    }
  });

  it.each([
    ['a blank title', { title: '  ' }],
    ['a title with a bidi override', { title: 'a\u202eb' }],
    ['a title of 129 characters', { title: 'a'.repeat(129) }],
    ['a description with NUL', { description: 'a\0' }],
    ['an unknown setting value', { settings: { send: 'nobody' } }],
    ['an unknown visibility', { visibility: 'secret' }],
  ])('ERR-1 refuses %s as INVALID', async (_, body) => {
    const { id } = await anna.group();
    expect(await anna.fail('updateChat', { params: { id }, body })).toMatchObject({
      code: 'INVALID',
    });
  });

  it('CHAT-1 a direct chat has neither info nor roles, nor an end', async () => {
    const { id } = await anna.direct(ben);
    const params = { id, userId: ben.id };
    for (const [route, body] of [
      ['updateChat', { title: 'Us' }],
      ['deleteChat', undefined],
      ['changeRole', { role: 'owner' }],
      ['removeMember', undefined],
      ['createInvite', undefined],
      ['deleteInvite', undefined],
    ] as const) {
      expect(await anna.fail(route, { params, body }), route).toMatchObject({ code: 'FORBIDDEN' });
    }
  });
});

describe('invites', () => {
  it('CHAT-3 an invite lets its holder join by both doors, and shows only what it must', async () => {
    const { id } = await anna.group([], { title: 'Secret garden' });
    const { body: invite } = await anna.call('createInvite', { params: { id } });
    const { body: shown } = await ben.call('getInvite', { params: { code: invite.inviteCode } });
    expect(shown).toEqual({ chatId: id, title: 'Secret garden', memberCount: 1 });
    await ben.call('joinGroup', { params: { id }, body: { inviteCode: invite.inviteCode } });
    const atCleo = await cleo.connect();
    const { chat } = await atCleo.command('joinChat', {
      chatId: id,
      inviteCode: invite.inviteCode,
    });
    expect(chat.memberCount).toBe(3);
    cleo.disconnect();
  });

  it('CHAT-3 every failure of an invite is NOT_FOUND: ended, replaced, of another chat, guessed', async () => {
    const { id } = await anna.group();
    const other = await anna.group();
    const code = async (chatId: string) =>
      (await anna.call('createInvite', { params: { id: chatId } })).body.inviteCode;
    const replaced = await code(id);
    const ended = await code(id);
    const foreign = await code(other.id);
    await anna.call('deleteInvite', { params: { id } });
    for (const inviteCode of [replaced, ended, foreign, 'guess', '']) {
      expect(await ben.fail('joinGroup', { params: { id }, body: { inviteCode } })).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    for (const dead of [replaced, ended, 'guess']) {
      expect(await ben.fail('getInvite', { params: { code: dead } })).toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    expect((await anna.call('getChat', { params: { id } })).body.memberCount).toBe(1);
  });
});

describe('deletion', () => {
  it('CHAT-2 a group that everybody has left is gone, so that none is ever without an owner', async () => {
    const { id } = await anna.group([], { visibility: 'public' });
    await anna.call('leaveGroup', { params: { id } });
    expect(await ben.fail('getChat', { params: { id } })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ben.fail('joinGroup', { params: { id } })).toMatchObject({ code: 'NOT_FOUND' });
    const { body } = await ben.call('listChats', { query: { filter: 'public', limit: 100 } });
    expect(body.items.map((chat) => chat.id)).not.toContain(id);
  });

  it('CHAT-2 an owner deletes a group: everybody is told, and it is nowhere any more', async () => {
    const id = await groupOfRoles();
    const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
    const { inviteCode } = (await anna.call('createInvite', { params: { id } })).body;
    await atAnna.send(id, 'last words');
    for (const user of [ben, cleo]) {
      expect(await user.fail('deleteChat', { params: { id } })).toMatchObject({
        code: 'FORBIDDEN',
      });
    }
    expect((await anna.call('deleteChat', { params: { id } })).status).toBe(204);
    for (const socket of [atAnna, atBen]) {
      expect(await socket.next('chatRemoved')).toMatchObject({ chatId: id, reason: 'deleted' });
    }
    for (const user of [anna, ben, cleo]) {
      for (const route of ['getChat', 'getHistory', 'getLog', 'deleteChat', 'joinGroup'] as const) {
        expect(await user.fail(route, { params: { id } })).toMatchObject({ code: 'NOT_FOUND' });
      }
      expect((await user.call('listChats')).body.items).toEqual([]);
    }
    expect(await dora.fail('getInvite', { params: { code: inviteCode } })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(
      await atBen.fail('sendMessage', { chatId: id, clientMessageId: randomUUID(), text: 'x' }),
    ).toMatchObject({
      code: 'NOT_FOUND',
    });
    anna.disconnect();
    ben.disconnect();
  });
});

it('CHAT-3 1,023 people are added in one call, and each of those who are connected is told', async () => {
  const { id } = await anna.group();
  const { userIds } = await seedGroup(server.databaseUrl, 1020);
  const connected = [ben, cleo, dora];
  const sockets = await Promise.all(connected.map((user) => user.connect()));
  const { body } = await anna.call('addMembers', {
    params: { id },
    body: { userIds: [...userIds, ...connected.map((user) => user.id)] },
  });
  expect(body.added).toHaveLength(1023);
  for (const socket of sockets) {
    expect((await socket.next('chatAdded')).chat).toMatchObject({ id, memberCount: 1024 });
  }
  const { body: chat } = await anna.call('getChat', { params: { id } });
  expect(chat.participants).toHaveLength(20);
  expect(
    await anna.fail('addMembers', {
      params: { id },
      body: { userIds: [(await server.user()).id] },
    }),
  ).toMatchObject({
    code: 'TOO_LARGE',
  });
  for (const user of connected) user.disconnect();
});

it('CHAT-2 of a group that is deleted, or that everybody has left, nothing stays on disk', async () => {
  const { id } = await anna.group([ben]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const sent = await atAnna.send(id, 'a canary');
  await atBen.command('addReaction', { messageId: sent.id, emoji: '👍' });
  await atBen.command('starMessage', { messageId: sent.id });
  await atBen.command('messageSeen', { messageId: sent.id });
  await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'me' });
  const rows = async () => {
    const tables = ['messages', 'changes', 'reactions', 'stars', 'hidden', 'mark_history'];
    const counts = tables.map((table) => `(select count(*) from ${table} where chat_id = $1)`);
    const sum = `select ${counts.join(' + ')} as count`;
    const [row] = await queryDatabase<{ count: string }>(server.databaseUrl, sum, [id]);
    return Number(row?.count);
  };
  expect(await rows()).toBeGreaterThanOrEqual(7);
  await anna.call('deleteChat', { params: { id } });
  await expect.poll(rows, { timeout: 30_000 }).toBe(0);
  anna.disconnect();
  ben.disconnect();
});
