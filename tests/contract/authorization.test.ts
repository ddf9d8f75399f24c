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
  PASSWORD,
  PICTURE,
  type RouteRequest,
  sendRequest,
  startTestServer,
  type TestServer,
  type TestUser,
  uploadForm,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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

/** What a request may name. */
interface Scene {
  readonly chatId: string;
  readonly inviteCode: string;
  /** Of the plain member. */
  readonly messageId: string;
  /** That the plain member uploaded and sent to the group. */
  readonly mediaId: string;
  /** That the caller uploaded. */
  readonly ownMediaId: string;
  /** A plain member, to be removed or given a role. */
  readonly otherId: string;
  /** Who is not in the group. */
  readonly outsiderId: string;
  readonly caller: TestUser | undefined;
  readonly role: Role;
}

const invitation = ({ role, inviteCode }: Scene) => (role === 'invited' ? { inviteCode } : {});
const text = () => ({ text: 'hello', clientMessageId: randomUUID() });

/** A request that is valid but for who makes it. A route without a row does not compile. */
const requests: Record<RouteName, (scene: Scene) => RouteRequest> = {
  register: () => ({ body: { username: `u${randomUUID().slice(0, 20)}`, password: PASSWORD } }),
  login: ({ caller }) => ({
    body: { username: caller?.session.user.username ?? known, password: PASSWORD },
  }),
  refresh: ({ caller }) => ({
    body: { refreshToken: caller?.session.refreshToken ?? knownRefresh },
  }),
  logout: () => ({}),
  changePassword: () => ({ body: { currentPassword: PASSWORD, newPassword: PASSWORD } }),
  listDevices: () => ({}),
  renameDevice: ({ caller }) => ({
    params: { id: caller?.session.device.id ?? randomUUID() },
    body: { name: 'Phone' },
  }),
  revokeDevice: ({ caller }) => ({ params: { id: caller?.session.device.id ?? randomUUID() } }),
  getOwnUser: () => ({}),
  updateProfile: () => ({ body: { displayName: 'Somebody' } }),
  deleteAccount: () => ({ body: { password: PASSWORD } }),
  listUsers: () => ({}),
  getUser: ({ outsiderId }) => ({ params: { id: outsiderId } }),
  exportOwn: () => ({}),
  blockUser: ({ outsiderId }) => ({ params: { id: outsiderId } }),
  unblockUser: ({ outsiderId }) => ({ params: { id: outsiderId } }),
  listBlocks: () => ({}),
  createChat: ({ outsiderId }) => ({ body: { type: 'direct', userId: outsiderId } }),
  listChats: () => ({}),
  getChat: ({ chatId }) => ({ params: { id: chatId } }),
  updateChat: ({ chatId }) => ({ params: { id: chatId }, body: { title: 'New' } }),
  deleteChat: ({ chatId }) => ({ params: { id: chatId } }),
  setPreferences: ({ chatId }) => ({ params: { id: chatId }, body: { pinned: true } }),
  joinGroup: (scene) => ({ params: { id: scene.chatId }, body: invitation(scene) }),
  leaveGroup: ({ chatId }) => ({ params: { id: chatId } }),
  listMembers: ({ chatId }) => ({ params: { id: chatId } }),
  addMembers: ({ chatId, outsiderId }) => ({
    params: { id: chatId },
    body: { userIds: [outsiderId] },
  }),
  changeRole: ({ chatId, otherId }) => ({
    params: { id: chatId, userId: otherId },
    body: { role: 'admin' },
  }),
  removeMember: ({ chatId, otherId }) => ({ params: { id: chatId, userId: otherId } }),
  createInvite: ({ chatId }) => ({ params: { id: chatId } }),
  deleteInvite: ({ chatId }) => ({ params: { id: chatId } }),
  getInvite: ({ inviteCode }) => ({ params: { code: inviteCode } }),
  getHistory: ({ chatId }) => ({ params: { id: chatId } }),
  sendMessage: ({ chatId }) => ({ params: { id: chatId }, body: { kind: 'text', ...text() } }),
  uploadMedia: () => ({ form: uploadForm('hello') }),
  getMedia: ({ mediaId }) => ({ params: { id: mediaId } }),
  createMediaLinks: ({ mediaId }) => ({ body: { ids: [mediaId] } }),
  getMediaContent: ({ mediaId }) => ({ params: { id: mediaId } }),
  getMediaThumbnail: ({ mediaId }) => ({ params: { id: mediaId } }),
  getAvatar: () => ({ params: { name: avatarName } }),
  listMediaDownloads: ({ mediaId }) => ({ params: { id: mediaId } }),
  getLog: ({ chatId }) => ({ params: { id: chatId } }),
  getMessage: ({ messageId }) => ({ params: { id: messageId } }),
  editMessage: ({ messageId }) => ({ params: { id: messageId }, body: { text: 'other' } }),
  deleteMessage: ({ messageId }) => ({ params: { id: messageId }, query: { scope: 'everyone' } }),
  forwardMessage: ({ messageId, chatId }) => ({
    params: { id: messageId },
    body: { chatIds: [chatId], clientMessageIds: [randomUUID()] },
  }),
  getReceipts: ({ messageId }) => ({ params: { id: messageId } }),
  setMarks: ({ chatId }) => ({ params: { id: chatId }, body: { seenSeq: 1 } }),
  listReactions: ({ messageId }) => ({ params: { id: messageId } }),
  addReaction: ({ messageId }) => ({ params: { id: messageId, emoji: '👍' } }),
  removeReaction: ({ messageId }) => ({ params: { id: messageId, emoji: '👍' } }),
  starMessage: ({ messageId }) => ({ params: { id: messageId } }),
  unstarMessage: ({ messageId }) => ({ params: { id: messageId } }),
  listStars: () => ({}),
  listPins: ({ chatId }) => ({ params: { id: chatId } }),
  pinMessage: ({ chatId, messageId }) => ({ params: { id: chatId, messageId } }),
  unpinMessage: ({ chatId, messageId }) => ({ params: { id: chatId, messageId } }),
  setDraft: ({ chatId }) => ({ params: { id: chatId }, body: { text: 'I meant' } }),
  deleteDraft: ({ chatId }) => ({ params: { id: chatId } }),
  clearChat: ({ chatId }) => ({ params: { id: chatId }, body: { upToSeq: 1 } }),
  searchMessages: () => ({ query: { query: 'hello' } }),
  getHealth: () => ({}),
  getReadiness: () => ({}),
};

/** The same for the socket. */
const payloads: Record<CommandName, (scene: Scene) => object> = {
  joinChat: (scene) => ({ chatId: scene.chatId, ...invitation(scene) }),
  leaveChat: ({ chatId }) => ({ chatId }),
  sendMessage: ({ chatId }) => ({ chatId, ...text() }),
  sendMedia: ({ chatId, ownMediaId }) => ({
    chatId,
    clientMessageId: randomUUID(),
    mediaIds: [ownMediaId],
  }),
  sendEncryptedMessage: ({ chatId }) => ({
    chatId,
    clientMessageId: randomUUID(),
    encrypted: { scheme: 'test', ciphertext: 'AAAA' },
  }),
  editMessage: ({ messageId }) => ({ messageId, text: 'other' }),
  deleteMessage: ({ messageId }) => ({ messageId, scope: 'everyone' }),
  forwardMessage: ({ messageId, chatId }) => ({
    messageId,
    chatIds: [chatId],
    clientMessageIds: [randomUUID()],
  }),
  messageDelivered: ({ chatId }) => ({ chatId, seq: 1 }),
  messageSeen: ({ messageId }) => ({ messageId }),
  addReaction: ({ messageId }) => ({ messageId, emoji: '👍' }),
  removeReaction: ({ messageId }) => ({ messageId, emoji: '👍' }),
  pinMessage: ({ messageId }) => ({ messageId }),
  unpinMessage: ({ messageId }) => ({ messageId }),
  starMessage: ({ messageId }) => ({ messageId }),
  unstarMessage: ({ messageId }) => ({ messageId }),
  setDraft: ({ chatId }) => ({ chatId, text: 'I meant' }),
  clearChat: ({ chatId }) => ({ chatId, upToSeq: 1 }),
  sync: () => ({}),
  typing: ({ chatId }) => ({ chatId }),
  typing_start: ({ chatId }) => ({ chatId }),
  stopTyping: ({ chatId }) => ({ chatId }),
  typing_stop: ({ chatId }) => ({ chatId }),
};

let server: TestServer;
let founder: TestUser;
let other: TestUser;
let outsider: TestUser;
let known: string;
let knownRefresh: string;
let avatarName: string;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
  [founder, other] = await Promise.all([server.user(), server.user()]);
  outsider = await server.user();
  const bystander = await server.user();
  known = bystander.session.user.username;
  knownRefresh = bystander.session.refreshToken;
  const picture = await bystander.upload(PICTURE, { type: 'image/png' });
  const { body: pictured } = await bystander.call('updateProfile', {
    body: { avatarMediaId: picture.id },
  });
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

/** A group as it is for one cell, and the caller as he is to it. */
async function sceneFor(role: Role, name: string): Promise<Scene> {
  const caller = await callerFor(role, name);
  const inside = !['anonymous', 'stranger', 'invited'].includes(role);
  const { id } = await founder.group(caller && inside ? [other, caller] : [other]);
  const { body: invite } = await founder.call('createInvite', { params: { id } });
  const { body: sent } = await other.call('sendMessage', {
    params: { id },
    body: { kind: 'text', ...text() },
  });
  const media = await other.upload(PICTURE, { name: 'dot.png', type: 'image/png' });
  await other.call('sendMessage', {
    params: { id },
    body: { kind: 'media', clientMessageId: randomUUID(), mediaIds: [media.id] },
  });
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
    mediaId: media.id,
    ownMediaId: name === 'sendMedia' && caller ? (await caller.upload('mine')).id : randomUUID(),
    otherId: other.id,
    outsiderId: outsider.id,
    caller,
    role,
  };
}

function outcomeOf(status: number, body: unknown): Outcome {
  return status < 400 ? 'ok' : (body as { code: ErrorCode }).code;
}

const routeNames = Object.keys(routes) as RouteName[];
const commandNames = Object.keys(commands) as CommandName[];

describe.each(roles)('%s', (role) => {
  it.each(routeNames)('PRIV-1 by HTTP: %s', async (name) => {
    const scene = await sceneFor(role, name);
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

function withoutRequestId(body: unknown): unknown {
  const { requestId: _, ...rest } = body as { requestId: string };
  return rest;
}

function named(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => name !== 'date');
}
