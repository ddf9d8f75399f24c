import { randomUUID } from 'node:crypto';
import type { CommandName, RouteName } from '@natter/protocol';
import {
  examplePushSubscription,
  PASSWORD,
  type RouteRequest,
  type TestUser,
  uploadForm,
} from '@natter/testing';

/** What a request may name. */
export interface Scene {
  readonly chatId: string;
  readonly inviteCode: string;
  /** Of the plain member. */
  readonly messageId: string;
  /** That the plain member uploaded and sent to the group. */
  readonly mediaId: string;
  /** That the caller uploaded. */
  readonly ownMediaId: string;
  /** Of a picture of somebody. */
  readonly avatarName: string;
  /** A plain member, to be removed or given a role. */
  readonly otherId: string;
  /** Who is not in the group. */
  readonly outsiderId: string;
  readonly caller: TestUser | undefined;
  /** Whether his requests bring the invite. */
  readonly isInvited: boolean;
  /** Somebody to log in as where there is no caller. */
  readonly known: { readonly username: string; readonly refreshToken: string };
}

const invitation = ({ isInvited, inviteCode }: Scene) => (isInvited ? { inviteCode } : {});
export const text = () => ({ text: 'hello', clientMessageId: randomUUID() });

/** A request that is valid but for who makes it. A route without a row does not compile. */
export const requests: Record<RouteName, (scene: Scene) => RouteRequest> = {
  register: () => ({ body: { username: `u${randomUUID().slice(0, 20)}`, password: PASSWORD } }),
  login: ({ caller, known }) => ({
    body: { username: caller?.session.user.username ?? known.username, password: PASSWORD },
  }),
  refresh: ({ caller, known }) => ({
    body: { refreshToken: caller?.session.refreshToken ?? known.refreshToken },
  }),
  logout: () => ({}),
  changePassword: () => ({ body: { currentPassword: PASSWORD, newPassword: PASSWORD } }),
  listDevices: () => ({}),
  renameDevice: ({ caller }) => ({
    params: { id: caller?.session.device.id ?? randomUUID() },
    body: { name: 'Phone' },
  }),
  revokeDevice: ({ caller }) => ({ params: { id: caller?.session.device.id ?? randomUUID() } }),
  getPushKey: () => ({}),
  subscribeToPush: () => ({ body: examplePushSubscription }),
  unsubscribeFromPush: () => ({}),
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
  getAvatar: ({ avatarName }) => ({ params: { name: avatarName } }),
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
export const payloads: Record<CommandName, (scene: Scene) => object> = {
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
