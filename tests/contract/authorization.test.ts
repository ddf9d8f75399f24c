import { randomUUID } from 'node:crypto';
import {
  type CommandName,
  commands,
  type ErrorCode,
  type Policy,
  type RouteName,
  routes,
} from '@natter/protocol';
import {
  queryDatabase,
  PICTURE,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { payloads, requests, type Scene, text } from './every-request.js';

/**
 * What a caller is to the private group that a request names; `invited` alone brings its invite, and `blocked` is a
 * member whom all others block: in a group that changes nothing (BLOCK-1).
 */
const roles = [
  'anonymous',
  'stranger',
  'invited',
  'member',
  'admin',
  'owner',
  'left',
  'removed',
  'blocked',
] as const;
type Role = (typeof roles)[number];
type Outcome = 'ok' | ErrorCode;

const everybody: Record<Role, Outcome> = {
  anonymous: 'ok',
  stranger: 'ok',
  invited: 'ok',
  member: 'ok',
  admin: 'ok',
  owner: 'ok',
  left: 'ok',
  removed: 'ok',
  blocked: 'ok',
};
const users: Record<Role, Outcome> = { ...everybody, anonymous: 'UNAUTHENTICATED' };
const members: Record<Role, Outcome> = {
  ...users,
  stranger: 'NOT_FOUND',
  invited: 'NOT_FOUND',
  left: 'NOT_FOUND',
  removed: 'NOT_FOUND',
};
const admins: Record<Role, Outcome> = { ...members, member: 'FORBIDDEN', blocked: 'FORBIDDEN' };

/** The table. A policy without a row does not compile. */
const table: Record<Policy, Record<Role, Outcome>> = {
  anyone: everybody,
  user: users,
  mediaReader: members,
  uploader: { ...admins, admin: 'FORBIDDEN', owner: 'FORBIDDEN' },
  invited: users,
  viewer: members,
  joiner: { ...members, invited: 'ok' },
  member: members,
  sender: members,
  author: { ...admins, admin: 'FORBIDDEN', owner: 'FORBIDDEN' },
  deleter: admins,
  leaver: members,
  adder: admins,
  editor: admins,
  remover: admins,
  owner: { ...admins, admin: 'FORBIDDEN' },
};

let server: TestServer;
let founder: TestUser;
let other: TestUser;
let outsider: TestUser;
let known: Scene['known'];
let avatarName: string;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false, push: { loopback: true } });
  [founder, other] = await Promise.all([server.user(), server.user()]);
  outsider = await server.user();
  const bystander = await server.user();
  const { user, refreshToken } = bystander.session;
  known = { username: user.username, refreshToken };
  const picture = await bystander.upload(PICTURE, { type: 'image/png' });
  const body = { avatarMediaId: picture.id };
  const { body: pictured } = await bystander.call('updateProfile', { body });
  avatarName = pictured.avatarUrl?.split('/').at(-1) ?? '';
});
afterAll(() => server.stop());

/** After these nobody calls as the same user again. */
const endings: ReadonlySet<string> = new Set([
  'logout',
  'changePassword',
  'deleteAccount',
  'revokeDevice',
  'refresh',
] satisfies RouteName[]);
/** Making a user takes most of the time of a cell, so that one serves all cells of his role that let him. */
const callers = new Map<Role, TestUser>();

async function callerFor(role: Role, name: string): Promise<TestUser | undefined> {
  if (role === 'anonymous') return undefined;
  // Whom the others block they cannot bring into a group again.
  if (endings.has(name) || role === 'blocked') return server.user();
  const caller = callers.get(role) ?? (await server.user());
  callers.set(role, caller);
  return caller;
}

/**
 * A group as it is for one cell, and the caller as he is to it.
 *
 * @param hasMedia Whether there is a picture in it: looking into it takes longer than all else.
 */
async function sceneFor(role: Role, name: string, hasMedia = false): Promise<Scene> {
  const caller = await callerFor(role, name);
  const inside = !['anonymous', 'stranger', 'invited'].includes(role);
  const { id } = await founder.group(caller && inside ? [other, caller] : [other]);
  const { body: invite } = await founder.call('createInvite', { params: { id } });
  const { body: sent } = await other.call('sendMessage', {
    params: { id },
    body: { kind: 'text', ...text() },
  });
  const mediaId = hasMedia ? await sendPicture(id) : randomUUID();
  const params = { id, userId: caller?.id ?? '' };
  if (role === 'admin' || role === 'owner')
    await founder.call('changeRole', { params, body: { role } });
  if (caller && role === 'blocked') {
    for (const user of [founder, other]) {
      await user.call('blockUser', { params: { id: caller.id } });
    }
  }
  if (role === 'removed') await founder.call('removeMember', { params });
  if (role === 'left') await caller?.call('leaveGroup', { params });
  return {
    chatId: id,
    inviteCode: invite.inviteCode,
    messageId: sent.message.id,
    mediaId,
    ownMediaId: name === 'sendMedia' && caller ? (await caller.upload('mine')).id : randomUUID(),
    otherId: other.id,
    outsiderId: outsider.id,
    caller,
    isInvited: role === 'invited',
    known,
    avatarName,
  };
}

/** Sends a picture of the plain member to the group. */
async function sendPicture(chatId: string): Promise<string> {
  const { id } = await other.upload(PICTURE, { name: 'dot.png', type: 'image/png' });
  await other.call('sendMessage', {
    params: { id: chatId },
    body: { kind: 'media', clientMessageId: randomUUID(), mediaIds: [id] },
  });
  return id;
}

/** Reading changes nothing: one scene serves all that read. */
const readingScenes = new Map<Role, Promise<Scene>>();
function readingScene(role: Role): Promise<Scene> {
  const scene = readingScenes.get(role) ?? sceneFor(role, 'reading', true);
  readingScenes.set(role, scene);
  return scene;
}

function outcomeOf(status: number, body: unknown): Outcome {
  return status < 400 ? 'ok' : (body as { code: ErrorCode }).code;
}

const routeNames = Object.keys(routes) as RouteName[];
const commandNames = Object.keys(commands) as CommandName[];

describe.each(roles)('%s', (role) => {
  it.each(routeNames)('PRIV-1 by HTTP: %s', async (name) => {
    const hasMedia = names(requests[name](probe), probe.mediaId);
    const scene = await (routes[name].method === 'GET'
      ? readingScene(role)
      : sceneFor(role, name, hasMedia));
    const request = {
      ...requests[name](scene),
      ...(scene.caller && { token: scene.caller.token }),
    };
    const { status, headers, body } = await sendRequest(server.url, name, request);
    expect(outcomeOf(status, body)).toBe(table[routes[name].policy][role]);
    if (status !== 404) return;

    // What is somebody else's answers byte for byte as what does not exist.
    const nowhere = {
      ...scene,
      chatId: randomUUID(),
      messageId: randomUUID(),
      mediaId: randomUUID(),
      inviteCode: 'none',
    };
    const missing = await sendRequest(server.url, name, { ...request, ...requests[name](nowhere) });
    expect(withoutRequestId(body)).toEqual(withoutRequestId(missing.body));
    expect(named(headers)).toEqual(named(missing.headers));
  });

  it.each(commandNames)('PRIV-1 by socket: %s', async (name) => {
    const scene = await sceneFor(role, name);
    const { caller } = scene;
    // Without a login there is no socket to send it by.
    if (!caller) return;
    const socket = await caller.connect();
    const answer = await socket.answer(name, payloads[name](scene));
    expect(answer.ok ? 'ok' : answer.error.code).toBe(table[commands[name].policy][role]);
    if (!answer.ok && answer.error.code === 'NOT_FOUND') {
      const nowhere = { ...scene, chatId: randomUUID(), messageId: randomUUID() };
      const missing = await socket.fail(name, payloads[name](nowhere));
      expect(withoutRequestId(answer.error)).toEqual(withoutRequestId(missing));
    }
    caller.disconnect();
  });
});

/**
 * What is so of the message that a request names, or of the direct chat, to whom is a member. `unseen` is sent to him
 * while he blocks its sender.
 */
const circumstances = ['expired', 'blocking', 'blocked', 'unseen'] as const;
type Circumstance = (typeof circumstances)[number];

const probe: Scene = {
  chatId: 'the chat',
  inviteCode: '',
  avatarName: '',
  messageId: 'the message',
  mediaId: 'the file',
  ownMediaId: '',
  otherId: '',
  outsiderId: '',
  caller: undefined,
  isInvited: false,
  known: { username: '', refreshToken: '' },
};
const names = (request: object, what: string) => JSON.stringify(request).includes(what);
const namesPart = (request: object) =>
  names(request, probe.chatId) || names(request, probe.messageId);
const sends: ReadonlySet<string> = new Set([
  'sendMessage',
  'sendMedia',
  'sendEncryptedMessage',
  'forwardMessage',
] satisfies (CommandName | RouteName)[]);

function outcomeUnder(
  circumstance: Circumstance,
  name: string,
  policy: Policy,
  request: object,
): Outcome {
  const isGone = circumstance === 'expired' || circumstance === 'unseen';
  if (isGone && names(request, probe.messageId)) return 'NOT_FOUND';
  if (circumstance === 'expired') return table[policy].member;
  // Nobody leaves a direct chat (CHAT-1), and who blocks sends nothing to it (BLOCK-1).
  if (policy === 'leaver') return 'FORBIDDEN';
  return sends.has(name) && circumstance !== 'blocked' ? 'FORBIDDEN' : table[policy].member;
}

describe.each(circumstances)('a member, %s', (circumstance) => {
  let caller: TestUser;
  beforeAll(async () => {
    caller = await server.user();
  });

  async function circumstanceFor(name: string): Promise<Scene> {
    const { id: chatId } =
      circumstance === 'expired'
        ? await founder.group([other, caller])
        : await other.direct(caller);
    const [who, whom] = circumstance === 'blocked' ? [other, caller] : [caller, other];
    const change = (route: 'blockUser' | 'unblockUser') =>
      who.call(route, { params: { id: whom.id } });
    await change(circumstance === 'unseen' ? 'blockUser' : 'unblockUser');
    const { body: sent } = await other.call('sendMessage', {
      params: { id: chatId },
      body: { kind: 'text', ...text() },
    });
    const messageId = sent.message.id;
    const ownMediaId = name === 'sendMedia' ? (await caller.upload('mine')).id : randomUUID();
    if (circumstance === 'blocking' || circumstance === 'blocked') await change('blockUser');
    if (circumstance === 'expired') {
      await queryDatabase(
        server.databaseUrl,
        'update messages set expires_at = now() where id = $1',
        [messageId],
      );
    }
    const others = { otherId: other.id, outsiderId: outsider.id };
    return { ...probe, ...others, chatId, messageId, ownMediaId, caller };
  }

  it.each(routeNames.filter((name) => namesPart(requests[name](probe))))(
    'PRIV-1 MSG-7 BLOCK-1 by HTTP: %s',
    async (name) => {
      const scene = await circumstanceFor(name);
      const send = (of: Scene) =>
        sendRequest(server.url, name, { ...requests[name](of), token: caller.token });
      const { status, body } = await send(scene);
      const { policy } = routes[name];
      expect(outcomeOf(status, body)).toBe(
        outcomeUnder(circumstance, name, policy, requests[name](probe)),
      );
      if (status !== 404) return;
      const missing = await send({ ...scene, messageId: randomUUID() });
      expect(withoutRequestId(body)).toEqual(withoutRequestId(missing.body));
    },
  );

  it.each(commandNames.filter((name) => namesPart(payloads[name](probe))))(
    'PRIV-1 MSG-7 BLOCK-1 by socket: %s',
    async (name) => {
      const scene = await circumstanceFor(name);
      const socket = await caller.connect();
      const answer = await socket.answer(name, payloads[name](scene));
      expect(answer.ok ? 'ok' : answer.error.code).toBe(
        outcomeUnder(circumstance, name, commands[name].policy, payloads[name](probe)),
      );
      if (!answer.ok && answer.error.code === 'NOT_FOUND') {
        const nowhere = { ...scene, messageId: randomUUID() };
        const missing = await socket.fail(name, payloads[name](nowhere));
        expect(withoutRequestId(answer.error)).toEqual(withoutRequestId(missing));
      }
      caller.disconnect();
    },
  );
});

function withoutRequestId(body: unknown): unknown {
  const { requestId: _, ...rest } = body as { requestId: string };
  return rest;
}

function named(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => name !== 'date');
}
