import { fails, type Outcome } from './plan.js';
import { type Chat, memberOf, type Message, otherOf, type Role, type World } from './world.js';

export function maySend(chat: Chat, user: string): boolean {
  return chat.settings.send === 'all' || memberOf(chat, user).role !== 'member';
}

/** BLOCK-1: of what is written in their direct chat, the blocker writes nothing. */
export function isBlocking(world: World, chat: Chat, user: string): boolean {
  const other = otherOf(chat, user);
  return other !== undefined && world.blocks(user, other);
}

/** The other of a direct chat, who blocks this one and sees nothing of what he writes (BLOCK-1). */
export function silencedFor(world: World, chat: Chat, user: string): string | undefined {
  const other = otherOf(chat, user);
  return other !== undefined && world.blocks(other, user) ? other : undefined;
}

/** BLOCK-1, USER-2: who cannot be added is left out silently (CHAT-3). */
export function mayAdd(world: World, actor: string, user: string): boolean {
  if (world.isBlocked(actor, user)) return false;
  const isContact = world.chatsOf(actor).some(({ members }) => members.has(user));
  return world.user(user).addToGroups === 'all' || isContact;
}

/** CHAT-2, MSG-3. */
export function mayDelete({ chat, sender, kind }: Message, actor: string): boolean {
  if (kind === 'system') return false;
  const { role } = memberOf(chat, actor);
  const moderates = chat.type === 'group' && role !== 'member';
  if (sender === actor || (moderates && role === 'owner')) return true;
  return moderates && chat.members.get(sender)?.role !== 'owner';
}

/** What the actor may not do where only some of a group's members may. */
export function refusal(
  chat: Chat,
  actor: string,
  may: (role: Role) => boolean,
): Outcome | undefined {
  const member = chat.members.get(actor);
  if (!member) return fails('NOT_FOUND');
  if (chat.type === 'direct' || !may(member.role)) return fails('FORBIDDEN');
  return undefined;
}

export const isAdmin = (role: Role): boolean => role !== 'member';
