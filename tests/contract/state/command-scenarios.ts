import { randomUUID } from 'node:crypto';
import type { ChatId, CommandName } from '@natter/protocol';
import type { Actor, Scenario } from './stage.js';

const encrypted = { scheme: 'mls', ciphertext: 'AQID', header: { keys: [1] } };

/** What each command does, with what it does to what stands around: replies, marks, pins, stars, drafts. */
export const commandScenarios: Record<CommandName, Scenario> = {
  sendMessage: async ({ anna, ben, cleo, group, direct }) => {
    const first = await anna.say(group, 'Who comes along?', { mentions: [ben.id] });
    await ben.say(group, 'I do', { replyToId: first.id });
    const input = { chatId: direct, clientMessageId: randomUUID(), text: 'Twice' };
    await ben.two.command('sendMessage', input);
    await ben.one.command('sendMessage', input);
    await Promise.all([
      ...Array.from({ length: 5 }, (_, index) => anna.say(group, `anna ${index}`)),
      ...Array.from({ length: 5 }, (_, index) => ben.say(group, `ben ${index}`)),
      ...Array.from({ length: 5 }, (_, index) => cleo.say(group, `cleo ${index}`)),
    ]);
  },
  sendEncryptedMessage: async ({ anna, ben, direct }) => {
    const { message } = await anna.one.command('sendEncryptedMessage', {
      chatId: direct,
      clientMessageId: randomUUID(),
      encrypted,
    });
    await ben.say(direct, 'I cannot read that', { replyToId: message.id });
  },
  sendMedia: async ({ anna, ben, group, direct }) => {
    const uploads = [await anna.http.upload('one'), await anna.http.upload('two')];
    const mediaIds = uploads.map(({ id }) => id);
    const caption = { text: 'Look at that', mentions: [ben.id] };
    const input = { chatId: group, clientMessageId: randomUUID(), mediaIds, ...caption };
    const { message } = await anna.one.command('sendMedia', input);
    await anna.two.command('sendMedia', input);
    await ben.say(group, 'Nice', { replyToId: message.id });
    await anna.one.command('editMessage', { messageId: message.id, text: '' });
    await ben.one.command('forwardMessage', {
      messageId: message.id,
      chatIds: [direct],
      clientMessageIds: [randomUUID()],
    });
    await anna.two.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
    const { id } = await anna.http.upload('three', { fields: { opaque: 'true' } });
    await anna.one.command('sendEncryptedMessage', {
      chatId: direct,
      clientMessageId: randomUUID(),
      encrypted,
      mediaIds: [id],
    });
  },
  joinChat: async ({ anna, ben, cleo, group }) => {
    const { body: open } = await anna.http.call('createChat', {
      body: { type: 'group', title: 'Open', memberIds: [], visibility: 'public' },
    });
    await anna.say(open.id, 'Come in');
    await ben.one.command('joinChat', { chatId: open.id });
    await ben.say(open.id, 'Hello');
    await cleo.two.command('joinChat', { chatId: open.id, limit: 1 });
    await cleo.one.command('joinChat', { chatId: group, limit: 2 });
    await anna.say(open.id, 'Welcome');
  },
  leaveChat: async ({ anna, ben, cleo, other }) => {
    const message = await ben.say(other, 'I am off');
    await ben.one.command('starMessage', { messageId: message.id });
    await ben.one.command('leaveChat', { chatId: other });
    await anna.say(other, 'He is gone');
    await anna.http.call('addMembers', { params: { id: other }, body: { userIds: [ben.id] } });
    await ben.one.command('unstarMessage', { messageId: message.id });
    await ben.say(other, 'I am back');
    await cleo.two.command('leaveChat', { chatId: other });
    await anna.http.call('addMembers', { params: { id: other }, body: { userIds: [cleo.id] } });
    // Her rights go to whoever is there the longest.
    await anna.one.command('leaveChat', { chatId: other });
    await ben.http.call('addMembers', { params: { id: other }, body: { userIds: [anna.id] } });
  },
  editMessage: async ({ anna, ben, group, direct }) => {
    const message = await anna.say(group, 'A tpyo', { mentions: [ben.id] });
    const reply = await ben.say(group, 'Where?', { replyToId: message.id });
    await anna.one.command('addReaction', { messageId: message.id, emoji: '👍' });
    await ben.one.command('addReaction', { messageId: message.id, emoji: '🎉' });
    await ben.one.command('starMessage', { messageId: message.id });
    await anna.one.command('editMessage', { messageId: message.id, text: 'A typo' });
    await anna.two.command('editMessage', { messageId: message.id, text: 'A typo', mentions: [] });
    await ben.two.command('editMessage', { messageId: reply.id, text: 'There!' });
    const { message: secret } = await anna.one.command('sendEncryptedMessage', {
      chatId: direct,
      clientMessageId: randomUUID(),
      encrypted,
    });
    await anna.two.command('editMessage', {
      messageId: secret.id,
      encrypted: { ...encrypted, ciphertext: 'BAUG' },
    });
    // One from before anybody followed.
    const [old] = (
      await ben.http.call('getHistory', { params: { id: direct }, query: { after: 1, limit: 1 } })
    ).body.items;
    if (old) await ben.one.command('editMessage', { messageId: old.id, text: 'Before, but new' });
  },
  deleteMessage: async ({ anna, ben, cleo, group, direct }) => {
    const message = await ben.say(group, 'Delete me', { mentions: [anna.id] });
    const reply = await cleo.say(group, 'Why?', { replyToId: message.id });
    await cleo.one.command('addReaction', { messageId: message.id, emoji: '👍' });
    await cleo.one.command('starMessage', { messageId: message.id });
    await anna.one.command('pinMessage', { messageId: message.id });
    await ben.one.command('deleteMessage', { messageId: message.id, scope: 'everyone' });
    await anna.one.command('deleteMessage', { messageId: reply.id, scope: 'everyone' });
    const pinned = await ben.say(group, 'Hide me');
    await cleo.say(group, 'Why that?', { replyToId: pinned.id });
    await anna.one.command('pinMessage', { messageId: pinned.id });
    await cleo.one.command('starMessage', { messageId: pinned.id });
    await cleo.two.command('deleteMessage', { messageId: pinned.id, scope: 'me' });
    await ben.one.command('addReaction', { messageId: pinned.id, emoji: '👍' });
    await ben.one.command('editMessage', { messageId: pinned.id, text: 'Hide me, I said' });
    // What was said before anybody followed, and what nobody has seen yet.
    const { body: old } = await anna.http.call('getHistory', {
      params: { id: direct },
      query: { limit: 9 },
    });
    for (const { id, senderId } of old.items.slice(0, 2)) {
      const author = senderId === anna.id ? anna : ben;
      await author.one.command('deleteMessage', {
        messageId: id,
        chatId: direct,
        scope: 'everyone',
      });
    }
    for (const { id } of old.items.slice(2, 4)) {
      await anna.two.command('deleteMessage', { messageId: id, scope: 'me' });
    }
    const last = await ben.say(direct, 'The last');
    await anna.one.command('deleteMessage', { messageId: last.id, scope: 'me' });
  },
  forwardMessage: async ({ anna, group, other, direct }) => {
    const { id: messageId } = await anna.say(group, 'Pass it on');
    await anna.one.command('forwardMessage', {
      messageId,
      chatIds: [direct, other, group],
      clientMessageIds: [randomUUID(), randomUUID(), randomUUID()],
    });
  },
  messageDelivered: async ({ anna, ben, cleo, group, direct }) => {
    const message = await ben.say(group, 'Did it arrive?');
    await anna.one.command('messageDelivered', { messageId: message.id });
    await cleo.one.command('messageDelivered', { chatId: group, seq: message.seq });
    const there = await ben.say(direct, 'And this?');
    await anna.two.command('messageDelivered', { chatId: direct, seq: there.seq });
  },
  messageSeen: async ({ anna, ben, cleo, group, direct }) => {
    const message = await ben.say(group, 'Did you see?');
    await anna.http.call('setPreferences', { params: { id: group }, body: { markedUnread: true } });
    await anna.one.command('messageSeen', { messageId: message.id });
    await cleo.one.command('messageSeen', { chatId: group, seq: message.seq - 2 });
    await ben.say(direct, 'One');
    const second = await ben.say(direct, 'Two');
    await ben.say(direct, 'Three');
    await anna.two.command('messageSeen', { chatId: direct, seq: second.seq });
  },
  addReaction: async ({ anna, ben, cleo, group }) => {
    const { id: messageId } = await cleo.say(group, 'Well?');
    await anna.one.command('addReaction', { messageId, emoji: '👍' });
    await ben.one.command('addReaction', { messageId, emoji: '👍' });
    await ben.two.command('addReaction', { messageId, emoji: '🎉' });
    await cleo.one.command('addReaction', { messageId, emoji: '👍' });
    await anna.one.command('addReaction', { messageId, emoji: '👍' });
  },
  removeReaction: async ({ anna, ben, group }) => {
    const { id: messageId } = await anna.say(group, 'Changed your mind?');
    for (const emoji of ['👍', '🎉']) {
      await anna.one.command('addReaction', { messageId, emoji });
      await ben.one.command('addReaction', { messageId, emoji });
    }
    await ben.one.command('removeReaction', { messageId, emoji: '👍' });
    await anna.two.command('removeReaction', { messageId, emoji: '👍' });
    await anna.two.command('removeReaction', { messageId, emoji: '🎉' });
    await ben.one.command('removeReaction', { messageId, emoji: '👍' });
  },
  pinMessage: async ({ anna, ben, group, direct }) => {
    const first = await anna.say(group, 'Read this');
    const second = await anna.say(group, 'And this');
    await anna.one.command('pinMessage', { messageId: first.id });
    await ben.one.command('pinMessage', { messageId: second.id });
    await ben.two.command('pinMessage', { messageId: second.id });
    const { body } = await ben.http.call('getHistory', {
      params: { id: direct },
      query: { after: 2, limit: 1 },
    });
    for (const { id } of body.items)
      await ben.two.command('pinMessage', { messageId: id, chatId: direct });
  },
  unpinMessage: async ({ anna, ben, cleo, group }) => {
    const messages = [
      await anna.say(group, 'One'),
      await ben.say(group, 'Two'),
      await cleo.say(group, 'Three'),
    ];
    for (const { id } of messages) await anna.one.command('pinMessage', { messageId: id });
    const [first, second] = messages;
    if (first) await ben.one.command('unpinMessage', { messageId: first.id });
    if (second)
      await anna.two.command('deleteMessage', { messageId: second.id, scope: 'everyone' });
  },
  starMessage: async ({ anna, ben, group, direct }) => {
    const first = await anna.say(group, 'Remember');
    const second = await ben.say(direct, 'This too');
    await ben.one.command('starMessage', { messageId: first.id });
    await ben.two.command('starMessage', { messageId: second.id });
    await anna.one.command('editMessage', { messageId: first.id, text: 'Remember this' });
  },
  unstarMessage: async ({ anna, ben, group }) => {
    const first = await anna.say(group, 'Forget');
    const second = await anna.say(group, 'But not this');
    await ben.one.command('starMessage', { messageId: first.id });
    await ben.one.command('starMessage', { messageId: second.id });
    await ben.two.command('unstarMessage', { messageId: first.id });
    await ben.two.command('unstarMessage', { messageId: first.id });
  },
  setDraft: async ({ anna, ben, group, direct }) => {
    const { id } = await anna.say(group, 'What do you think?');
    await ben.one.command('setDraft', { chatId: group, text: 'I thi', replyToId: id });
    await ben.one.command('setDraft', { chatId: direct, text: 'Begun' });
    await ben.two.command('setDraft', { chatId: direct });
  },
  clearChat: async ({ anna, ben, cleo, direct, group }) => {
    const quoted = await anna.say(direct, 'Quoted, and gone');
    await ben.one.command('pinMessage', { messageId: quoted.id });
    await ben.one.command('starMessage', { messageId: quoted.id });
    await anna.say(direct, 'Stays, and quotes', { replyToId: quoted.id });
    await ben.one.command('clearChat', { chatId: direct, upToSeq: quoted.seq });
    await anna.say(direct, 'After');
    // What happened in a chat while a device was away, and another has cleared it all.
    const { body } = await cleo.http.call('getChat', { params: { id: group } });
    await anna.http.call('updateChat', { params: { id: group }, body: { title: 'Renamed' } });
    await anna.http.call('removeMember', { params: { id: group, userId: ben.id } });
    await anna.say(group, 'He is out');
    const { seq } = await anna.say(group, 'And all this is cleared');
    await cleo.two.command('clearChat', { chatId: group, upToSeq: seq });
    await anna.http.call('addMembers', { params: { id: group }, body: { userIds: [ben.id] } });
    await cleo.two.command('clearChat', { chatId: group, upToSeq: body.lastSeq });
  },
  typing: ({ anna, ben, group }) => typeAndSay(anna, ben, group, 'typing', 'stopTyping'),
  typing_start: ({ anna, ben, group }) =>
    typeAndSay(ben, anna, group, 'typing_start', 'typing_stop'),
  stopTyping: ({ anna, ben, direct }) => typeAndSay(anna, ben, direct, 'typing', 'stopTyping'),
  typing_stop: ({ anna, ben, direct }) =>
    typeAndSay(ben, anna, direct, 'typing_start', 'typing_stop'),
  sync: async ({ anna, ben, group }) => {
    const { cursor } = await ben.one.command('sync', {});
    await anna.say(group, 'What did I miss?');
    await ben.one.command('sync', { cursor });
  },
};

/** Nothing of it is kept, whatever comes between. */
async function typeAndSay(
  who: Actor,
  other: Actor,
  chatId: ChatId,
  start: 'typing' | 'typing_start',
  stop: 'stopTyping' | 'typing_stop',
): Promise<void> {
  await who.one.command(start, { chatId });
  await other.say(chatId, 'I see you');
  await who.one.command(stop, { chatId });
  await who.two.command(start, { chatId });
  await who.say(chatId, 'There');
}
