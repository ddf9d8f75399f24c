import type { ChatItem, MemberItem } from '@natter/client';

type Setting = 'send' | 'addMembers' | 'editInfo';

function may(chat: ChatItem, setting: Setting): boolean {
  return chat.role !== 'member' || chat.settings?.[setting] === 'all';
}

/** What the server allows this user (CHAT-2), so that nothing is offered that is refused. */
export const mayAddMembers = (chat: ChatItem): boolean => may(chat, 'addMembers');
export const mayEditInfo = (chat: ChatItem): boolean => may(chat, 'editInfo');

/** Admins remove members, owners remove everybody. */
export function mayRemove(chat: ChatItem, member: MemberItem): boolean {
  return chat.role === 'owner' || (chat.role === 'admin' && member.role === 'member');
}
