import { randomUUID } from 'node:crypto';
import type { RouteName } from '@natter/protocol';
import { PICTURE } from '@natter/testing';
import type { Actor, Scenario } from './stage.js';

/** `reads`: it changes nothing that a client is told of. `apart`: it takes an account to itself, and has its own test. */
export const routeScenarios: Record<RouteName, Scenario | 'reads' | 'apart'> = {
  register: 'reads',
  login: async ({ ben }) => {
    await ben.http.otherDevice();
  },
  refresh: 'reads',
  logout: async ({ cleo }) => {
    const away = await cleo.http.otherDevice();
    await away.call('logout');
  },
  changePassword: 'apart',
  listDevices: 'reads',
  renameDevice: async ({ anna }) => {
    const { id } = anna.http.session.device;
    await anna.http.call('renameDevice', { params: { id }, body: { name: 'Kitchen' } });
  },
  revokeDevice: async ({ anna }) => {
    const away = await anna.http.otherDevice();
    await anna.http.call('revokeDevice', { params: { id: away.session.device.id } });
  },
  getPushKey: 'reads',
  subscribeToPush: 'reads',
  unsubscribeFromPush: 'reads',
  getOwnUser: 'reads',
  updateProfile: async ({ anna, ben, cleo, group, direct }) => {
    const { id: avatarMediaId } = await anna.http.upload(PICTURE, { type: 'image/png' });
    await anna.http.call('updateProfile', {
      body: { displayName: 'Anna K.', about: 'Busy', avatarMediaId },
    });
    // Others are told of a name with the next message under it.
    await anna.say(group, 'That is me');
    const seen = (person: Actor, isShown: boolean) =>
      person.http.call('updateProfile', { body: { privacy: { seen: isShown } } });
    await seen(cleo, false);
    await seen(ben, false);
    await cleo.one.command('messageSeen', { chatId: group, seq: 5 });
    await seen(ben, true);
    const message = await ben.say(group, 'Did you see?');
    await anna.one.command('messageSeen', { messageId: message.id });
    await ben.say(direct, 'And you?');
  },
  deleteAccount: 'apart',
  exportOwn: 'reads',
  blockUser: async ({ anna, ben, cleo, direct, group }) => {
    const message = await ben.say(direct, 'Still friends');
    await anna.one.command('messageDelivered', { messageId: message.id });
    // Of a mark that nobody was told of before the block, only a sync tells.
    for (const { socket } of ben.devices) await socket.next('messageStatusUpdated');
    await anna.http.call('blockUser', { params: { id: ben.id } });
    await anna.http.call('blockUser', { params: { id: cleo.id } });
    await ben.say(direct, 'Not to be seen');
    await ben.one.command('editMessage', { messageId: message.id, text: 'Not to be seen either' });
    await anna.one.command('messageSeen', { chatId: direct, seq: 11 });
    await ben.say(group, 'To all');
    await anna.say(group, 'To all, too');
  },
  unblockUser: async ({ anna, ben, cleo, direct }) => {
    for (const { id } of [ben, cleo]) await anna.http.call('blockUser', { params: { id } });
    await ben.say(direct, 'Not to be seen');
    await anna.http.call('unblockUser', { params: { id: ben.id } });
    const message = await ben.say(direct, 'Again');
    await anna.one.command('messageSeen', { messageId: message.id });
    await anna.say(direct, 'So be it', { replyToId: message.id });
  },
  listBlocks: 'reads',
  searchMessages: 'reads',
  listUsers: 'reads',
  getUser: 'reads',
  createChat: async ({ anna, ben, cleo }) => {
    await cleo.http.call('createChat', { body: { type: 'direct', userId: anna.id } });
    await cleo.http.call('createChat', { body: { type: 'direct', userId: cleo.id } });
    const { body } = await cleo.http.call('createChat', {
      body: {
        type: 'group',
        title: 'New',
        memberIds: [anna.id, ben.id],
        clientChatId: randomUUID(),
      },
    });
    await ben.say(body.id, 'Nice');
  },
  listChats: 'reads',
  getChat: 'reads',
  setPreferences: async ({ anna, ben, group, direct }) => {
    const set = (id: string, body: object) =>
      ben.http.call('setPreferences', { params: { id }, body });
    await set(group, { mutedUntil: '2999-01-01T00:00:00Z', pinned: true, markedUnread: true });
    await set(direct, { archived: true });
    await anna.say(direct, 'Do you hear me?');
    await set(group, { mutedUntil: null });
    await ben.say(group, 'Not unread any more');
    await set(direct, { archived: false, markedUnread: true, pinned: true });
    await set(group, { archived: true });
  },
  joinGroup: async ({ anna, ben, cleo }) => {
    const { body: open } = await anna.http.call('createChat', {
      body: { type: 'group', title: 'Open', memberIds: [ben.id], visibility: 'public' },
    });
    await cleo.http.call('joinGroup', { params: { id: open.id }, body: {} });
    // Nobody marks in a chat of which his device does not know yet: the answer would say nothing to it.
    await cleo.one.socket.next('chatAdded', ({ chat }) => chat.id === open.id);
    await cleo.one.command('messageSeen', { chatId: open.id, seq: 2 });
  },
  leaveGroup: async ({ anna, cleo, other }) => {
    await cleo.http.call('leaveGroup', { params: { id: other } });
    await anna.say(other, 'One less');
  },
  listMembers: 'reads',
  addMembers: async ({ anna, ben, cleo }) => {
    const { body: chat } = await anna.http.call('createChat', {
      body: { type: 'group', title: 'Growing', memberIds: [] },
    });
    await anna.say(chat.id, 'Alone');
    await anna.http.call('addMembers', {
      params: { id: chat.id },
      body: { userIds: [cleo.id, ben.id] },
    });
    await ben.say(chat.id, 'Not any more');
  },
  updateChat: async ({ anna, group }) => {
    const update = (body: object) => anna.http.call('updateChat', { params: { id: group }, body });
    await update({ title: 'Another name', description: 'Of another kind' });
    const { id: avatarMediaId } = await anna.http.upload(PICTURE, { type: 'image/png' });
    await update({ avatarMediaId });
    await update({ avatarMediaId: null });
    await update({ avatarMediaId });
    await update({ settings: { send: 'admins', addMembers: 'all' } });
    await update({ description: null, visibility: 'public', settings: { send: 'all' } });
    await update({ messageTtlMs: 3_600_000 });
    await anna.say(group, 'For an hour');
    await update({ messageTtlMs: null });
  },
  deleteChat: async ({ anna, ben, cleo }) => {
    const chat = await anna.http.group([ben, cleo]);
    const message = await ben.say(chat.id, 'Soon gone');
    await cleo.one.command('starMessage', { messageId: message.id });
    await anna.http.call('deleteChat', { params: { id: chat.id } });
  },
  changeRole: async ({ anna, ben, cleo }) => {
    const chat = await anna.http.group([ben, cleo]);
    const change = (userId: string, role: string) =>
      anna.http.call('changeRole', { params: { id: chat.id, userId }, body: { role } });
    await change(ben.id, 'admin');
    await change(cleo.id, 'owner');
    await change(ben.id, 'member');
    await change(anna.id, 'admin');
  },
  removeMember: async ({ anna, ben, cleo }) => {
    const chat = await anna.http.group([ben, cleo]);
    await ben.say(chat.id, 'Why me?');
    await anna.http.call('removeMember', { params: { id: chat.id, userId: ben.id } });
    await cleo.say(chat.id, 'Poor Ben');
    await anna.http.call('addMembers', { params: { id: chat.id }, body: { userIds: [ben.id] } });
    await cleo.http.call('removeMember', { params: { id: chat.id, userId: cleo.id } });
  },
  createInvite: async ({ anna, cleo }) => {
    const chat = await anna.http.group([]);
    const { body } = await anna.http.call('createInvite', { params: { id: chat.id } });
    await cleo.one.command('joinChat', { chatId: chat.id, inviteCode: body.inviteCode });
  },
  deleteInvite: async ({ anna }) => {
    const chat = await anna.http.group([]);
    await anna.http.call('createInvite', { params: { id: chat.id } });
    await anna.http.call('deleteInvite', { params: { id: chat.id } });
  },
  getInvite: 'reads',
  setDraft: async ({ ben, direct }) => {
    await ben.http.call('setDraft', { params: { id: direct }, body: { text: 'To be cont' } });
  },
  deleteDraft: async ({ ben, direct, group }) => {
    for (const id of [direct, group]) {
      await ben.http.call('setDraft', { params: { id }, body: { text: 'Never mind' } });
    }
    await ben.http.call('deleteDraft', { params: { id: direct } });
  },
  clearChat: async ({ anna, ben, direct }) => {
    const { seq } = await anna.say(direct, 'All of it');
    await ben.http.call('clearChat', { params: { id: direct }, body: { upToSeq: seq } });
  },
  getHistory: 'reads',
  sendMessage: async ({ anna, direct }) => {
    await anna.http.call('sendMessage', {
      params: { id: direct },
      body: { kind: 'text', clientMessageId: randomUUID(), text: 'By post' },
    });
  },
  getMessage: 'reads',
  editMessage: async ({ anna, direct }) => {
    const { id } = await anna.say(direct, 'By pots');
    await anna.http.call('editMessage', { params: { id }, body: { text: 'By post' } });
  },
  deleteMessage: async ({ anna, ben, direct }) => {
    const [first, second] = [await anna.say(direct, 'One'), await anna.say(direct, 'Two')];
    await anna.http.call('deleteMessage', {
      params: { id: first.id },
      query: { scope: 'everyone' },
    });
    await ben.http.call('deleteMessage', { params: { id: second.id }, query: { scope: 'me' } });
  },
  forwardMessage: async ({ anna, group, direct }) => {
    const { id } = await anna.say(group, 'To all of you');
    await anna.http.call('forwardMessage', {
      params: { id },
      body: { chatIds: [direct], clientMessageIds: [randomUUID()] },
    });
  },
  getReceipts: 'reads',
  setMarks: async ({ anna, ben, group }) => {
    const { seq } = await ben.say(group, 'Mark this');
    const body = { deliveredSeq: seq, seenSeq: seq - 1 };
    await anna.http.call('setMarks', { params: { id: group }, body });
  },
  listReactions: 'reads',
  addReaction: async ({ anna, ben, direct }) => {
    const { id } = await anna.say(direct, 'Good?');
    await ben.http.call('addReaction', { params: { id, emoji: '👍' } });
  },
  removeReaction: async ({ anna, ben, direct }) => {
    const { id } = await anna.say(direct, 'Good, then?');
    await ben.http.call('addReaction', { params: { id, emoji: '👍' } });
    await ben.http.call('removeReaction', { params: { id, emoji: '👍' } });
  },
  starMessage: async ({ anna, ben, direct }) => {
    const { id } = await ben.say(direct, 'A star');
    await anna.http.call('starMessage', { params: { id } });
  },
  unstarMessage: async ({ anna, ben, direct }) => {
    const { id } = await ben.say(direct, 'No star');
    await anna.http.call('starMessage', { params: { id } });
    await anna.http.call('unstarMessage', { params: { id } });
  },
  listStars: 'reads',
  listPins: 'reads',
  pinMessage: async ({ anna, direct }) => {
    const { id: messageId } = await anna.say(direct, 'A pin');
    await anna.http.call('pinMessage', { params: { id: direct, messageId } });
  },
  unpinMessage: async ({ anna, ben, direct }) => {
    const { id: messageId } = await anna.say(direct, 'No pin');
    await anna.http.call('pinMessage', { params: { id: direct, messageId } });
    await ben.http.call('unpinMessage', { params: { id: direct, messageId } });
  },
  getLog: 'reads',
  uploadMedia: 'reads',
  getMedia: 'reads',
  createMediaLinks: 'reads',
  getMediaContent: 'reads',
  getAvatar: 'reads',
  getMediaThumbnail: 'reads',
  listMediaDownloads: 'reads',
  getHealth: 'reads',
  getReadiness: 'reads',
};
