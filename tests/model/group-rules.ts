import { newMember, NOBODY } from './chat-rules.js';
import { TITLES } from './contents.js';
import {
  answers,
  type Context,
  fails,
  type Outcome,
  pick,
  pickChat,
  pickUser,
  type Plan,
  type Rule,
} from './plan.js';
import { isAdmin, mayAdd, refusal } from './rights.js';
import { chatView, memberView, membersInOrder, SNAPSHOT, snapshotView } from './views.js';
import { type Chat, lastSeq, memberOf, type Role, type Settings } from './world.js';

const ROLES: readonly Role[] = ['owner', 'admin', 'member'];

/** Users come in: both marks at the `lastSeq` of before, and `chatAdded` instead of the entry (CHAT-3). */
function admit({ step }: Context, chat: Chat, users: readonly string[], actor: string): void {
  const head = lastSeq(chat);
  for (const user of users) chat.members.set(user, newMember('member', head + 1, head));
  const type = users.includes(actor) ? 'memberJoined' : 'membersAdded';
  step.system(chat, actor, { type, userIds: [...users] }, users);
  for (const user of users) step.own(user, 'chatAdded', chat);
}

export const addMembers: Rule = (context) => {
  const { world, actor, a, b } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const wanted = [...world.users.keys()].filter((_, index) => (b >> index) % 2 === 1);
  const userIds = wanted.length === 0 ? [NOBODY] : wanted;
  const refused = refusal(
    chat,
    actor,
    (role) => chat.settings.addMembers === 'all' || isAdmin(role),
  );
  const added = refused
    ? []
    : wanted.filter((user) => !chat.members.has(user) && mayAdd(world, actor, user));
  if (added.length > 0) admit(context, chat, added, actor);
  const views = added.map((user) => memberView(world, user, memberOf(chat, user), actor));
  return {
    http: ['addMembers', { params: { id: chat.name }, body: { userIds } }],
    outcome: refused ?? answers({ added: views }),
  };
};

/** By its being public or by its invite; a member who joins gets what there is. */
export const join: Rule = (context) => {
  const { world, step, actor, b, c } = context;
  const chat = pick(world.chats, b);
  if (!chat) return undefined;
  const inviteCode = c % 2 === 0 && chat.invite !== undefined ? chat.invite : undefined;
  const isMember = chat.members.has(actor);
  const isOpen =
    chat.members.size > 0 &&
    chat.type === 'group' &&
    (chat.visibility === 'public' || inviteCode !== undefined);
  if (!isMember && isOpen) admit(context, chat, [actor], actor);
  const call = {
    socket: ['joinChat', { chatId: chat.name, inviteCode, limit: SNAPSHOT }],
    http: ['joinGroup', { params: { id: chat.name }, body: { inviteCode } }],
  } as const;
  step.touched.add(chat);
  if (!isMember && !isOpen) return { ...call, outcome: fails('NOT_FOUND') };
  return {
    ...call,
    httpAnswer: chatView(world, chat, actor),
    outcome: answers(snapshotView(world, chat, actor)),
  };
};

/** Ends a membership, with all that was the member's own (CHAT-4). */
function dismiss(
  { step }: Context,
  chat: Chat,
  user: string,
  reason: 'left' | 'removed' | 'deleted',
): number {
  chat.members.delete(user);
  chat.typing.delete(user);
  if (chat.members.size === 0) delete chat.invite;
  return step.own(user, 'chatRemoved', chat, { reason });
}

/** The oldest admin, else the oldest member; of those who came together, any: here by the order of their ids. */
function successor(chat: Chat): string | undefined {
  const oldest = (role: Role) =>
    membersInOrder(chat).find(([, member]) => member.role === role)?.[0];
  return oldest('admin') ?? oldest('member');
}

function leaveNow(context: Context, chat: Chat, user: string): number {
  const { step } = context;
  const { role } = memberOf(chat, user);
  // Neither of the messages that tell the rest goes to him.
  const userSeq = dismiss(context, chat, user, 'left');
  step.system(chat, user, { type: 'memberLeft', userIds: [user] });
  const isOwned = [...chat.members.values()].some((member) => member.role === 'owner');
  const heir = role === 'owner' && !isOwned ? successor(chat) : undefined;
  if (heir !== undefined) {
    memberOf(chat, heir).role = 'owner';
    step.system(chat, user, { type: 'roleChanged', userIds: [heir], role: 'owner' });
  }
  return userSeq;
}

export const leave: Rule = (context) => {
  const { actor, a } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const refused = refusal(chat, actor, () => true);
  return {
    socket: ['leaveChat', { chatId: chat.name }],
    http: ['leaveGroup', { params: { id: chat.name } }],
    isQuiet: true,
    outcome: refused ?? answers({ userSeq: leaveNow(context, chat, actor) }),
  };
};

export const removeMember: Rule = (context) => {
  const { step, actor, a, b } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const other = pickUser(context, b);
  const plan = (outcome: Outcome): Plan => ({
    http: ['removeMember', { params: { id: chat.name, userId: other } }],
    isQuiet: true,
    outcome,
  });
  const refused = refusal(chat, actor, () => true);
  if (refused) return plan(refused);
  if (other === actor) {
    leaveNow(context, chat, actor);
    return plan(answers());
  }
  const [own, others] = [memberOf(chat, actor).role, chat.members.get(other)?.role];
  const may = own === 'owner' || (own === 'admin' && (others ?? 'member') === 'member');
  if (others === undefined) return plan(may ? fails('NOT_FOUND') : fails('NOT_FOUND', 'FORBIDDEN'));
  if (!may) return plan(fails('FORBIDDEN'));
  dismiss(context, chat, other, 'removed');
  step.system(chat, actor, { type: 'memberRemoved', userIds: [other] });
  return plan(answers());
};

export const changeRole: Rule = (context) => {
  const { world, step, actor, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const other = pickUser(context, b);
  const role = pick(ROLES, c) ?? 'member';
  const plan = (outcome: Outcome): Plan => ({
    http: ['changeRole', { params: { id: chat.name, userId: other }, body: { role } }],
    outcome,
  });
  const refused = refusal(chat, actor, (own) => own === 'owner');
  if (refused) return plan(refused);
  const member = chat.members.get(other);
  if (!member) return plan(fails('NOT_FOUND'));
  const owners = [...chat.members.values()].filter((one) => one.role === 'owner');
  if (member.role === 'owner' && role !== 'owner' && owners.length === 1) {
    return plan(fails('FORBIDDEN'));
  }
  if (member.role !== role) {
    member.role = role;
    step.system(chat, actor, { type: 'roleChanged', userIds: [other], role });
  }
  return plan(answers(memberView(world, other, member, actor)));
};

export const updateChat: Rule = (context) => {
  const { world, step, actor, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const title = pick(TITLES, c) ?? '';
  const visibility = c % 2 === 0 ? ('public' as const) : ('private' as const);
  const allowed = c % 2 === 0 ? ('all' as const) : ('admins' as const);
  const setting = (['send', 'addMembers', 'editInfo'] as const)[c % 3] ?? 'send';
  const settings: Settings = { ...chat.settings, [setting]: allowed };
  const [body, after] = [
    [{ title }, { title }],
    [{ visibility }, { visibility }],
    [{ settings: { [setting]: allowed } }, { settings }],
  ][b % 3] ?? [{}, {}];
  const isInfo = b % 3 === 0;
  const refused = refusal(
    chat,
    actor,
    (role) => (isInfo && chat.settings.editInfo === 'all') || isAdmin(role),
  );
  const plan = (outcome: Outcome): Plan => ({
    http: ['updateChat', { params: { id: chat.name }, body }],
    outcome,
  });
  if (refused) return plan(refused);
  const before = JSON.stringify([chat.title, chat.visibility, chat.settings]);
  Object.assign(chat, after);
  if (JSON.stringify([chat.title, chat.visibility, chat.settings]) !== before) {
    step.system(chat, actor, { type: 'chatUpdated', changes: after });
  }
  return plan(answers(chatView(world, chat, actor)));
};

export const deleteChat: Rule = (context) => {
  const { actor, a } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const refused = refusal(chat, actor, (role) => role === 'owner');
  if (!refused) for (const user of chat.members.keys()) dismiss(context, chat, user, 'deleted');
  return {
    http: ['deleteChat', { params: { id: chat.name } }],
    isQuiet: true,
    outcome: refused ?? answers(),
  };
};

/** A new invite ends the one before it; its code gets a name when it is answered. */
export const invite: Rule = (context) => {
  const { actor, world, a, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const refused = refusal(
    chat,
    actor,
    (role) => chat.settings.addMembers === 'all' || isAdmin(role),
  );
  const isNew = c % 3 !== 0;
  const name = `invite ${world.clock}`;
  if (!refused) {
    if (isNew) chat.invite = name;
    else delete chat.invite;
  }
  const params = { id: chat.name };
  return isNew
    ? {
        http: ['createInvite', { params }],
        outcome: refused ?? answers({ inviteCode: name }),
        names: { field: 'inviteCode', name },
      }
    : { http: ['deleteInvite', { params }], isQuiet: true, outcome: refused ?? answers() };
};
