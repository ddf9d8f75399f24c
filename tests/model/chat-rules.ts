import { TITLES } from './contents.js';
import {
  answers,
  type Context,
  fails,
  type Outcome,
  pick,
  pickUser,
  type Plan,
  type Rule,
} from './plan.js';
import { mayAdd } from './rights.js';
import { chatView } from './views.js';
import { type Chat, type Member, type Role, type World } from './world.js';

/** A user of nobody's: whoever names him names nobody. */
export const NOBODY = '01890000-0000-7000-8000-000000000000';

export function newMember(role: Role, joinedSeq: number, mark: number): Member {
  return {
    role,
    joinedSeq,
    delivered: mark,
    seen: mark,
    deliveredMoved: false,
    seenMoved: false,
    toldAt: 0,
    cleared: 0,
    markedUnread: false,
    archived: false,
  };
}

/** Each sees from now on what he sees of the other's marks at this moment (BLOCK-1). */
export function freezeMarks({ members }: Chat): void {
  for (const member of members.values()) {
    const { delivered, seen, deliveredMoved, seenMoved, toldAt } = member;
    member.shown ??= { delivered, seen, deliveredMoved, seenMoved, toldAt };
  }
}

export function directChatOf({ chats }: World, user: string, other: string): Chat | undefined {
  const pair = [...new Set([user, other])];
  return chats.find(
    ({ type, members }) =>
      type === 'direct' && members.size === pair.length && pair.every((one) => members.has(one)),
  );
}

/** The chat and its members; each of them is told by `chatAdded`. */
function newChat(
  { world, step, actor }: Context,
  chat: Pick<Chat, 'type' | 'title' | 'visibility' | 'clientChatId'>,
  members: readonly [string, Role][],
): Chat {
  const created: Chat = {
    ...chat,
    name: `c${world.chats.length}`,
    createdBy: actor,
    settings: { send: 'all', addMembers: 'admins', editInfo: 'admins' },
    members: new Map(members.map(([user, role]) => [user, newMember(role, 1, 0)])),
    entries: [],
    typing: new Map(),
    typed: new Set(),
  };
  world.chats.push(created);
  for (const [user] of members) step.own(user, 'chatAdded', created);
  return created;
}

/** CHAT-1: one direct chat of two, whoever asks for it, and of one with himself. */
export const createDirect: Rule = (context) => {
  const { world, actor, b } = context;
  const other = pickUser(context, b);
  const pair = [...new Set([actor, other])];
  const existing = directChatOf(world, actor, other);
  const chat =
    existing ??
    newChat(
      context,
      { type: 'direct', visibility: 'private' },
      pair.map((user) => [user, 'member']),
    );
  if (!existing && world.isBlocked(actor, other)) freezeMarks(chat);
  return {
    http: ['createChat', { body: { type: 'direct', userId: other } }],
    outcome: answers(chatView(world, chat, actor)),
    names: { field: 'id', name: chat.name },
  };
};

export const createGroup: Rule = (context) => {
  const { world, step, actor, a, b, c } = context;
  const earlier = pick(
    world.chats.filter(({ createdBy, clientChatId }) => createdBy === actor && clientChatId),
    a,
  );
  const isRepeat = c % 4 === 0 && earlier !== undefined;
  const others = [...world.users.keys()].filter(
    (user, index) => user !== actor && (b >> index) % 2,
  );
  const addable = others.filter((user) => mayAdd(world, actor, user));
  const visibility = c % 2 === 0 ? ('public' as const) : ('private' as const);
  const clientChatId = isRepeat ? earlier.clientChatId : world.freshClientId();
  const title = pick(TITLES, c) ?? '';
  const memberIds = b % 3 === 0 ? [...others, NOBODY, actor] : others;
  const plan = (chat: Chat, outcome: Outcome): Plan => ({
    http: ['createChat', { body: { type: 'group', title, memberIds, visibility, clientChatId } }],
    outcome,
    names: { field: 'id', name: chat.name },
  });
  if (isRepeat) {
    const isIn = earlier.members.has(actor);
    return plan(earlier, isIn ? answers(chatView(world, earlier, actor)) : fails('NOT_FOUND'));
  }
  const chat = newChat(
    context,
    { type: 'group', title, visibility, ...(clientChatId !== undefined && { clientChatId }) },
    [[actor, 'owner'], ...addable.map((user): [string, Role] => [user, 'member'])],
  );
  const everybody = [...chat.members.keys()];
  step.system(chat, actor, { type: 'chatCreated' }, everybody);
  return plan(chat, answers(chatView(world, chat, actor)));
};
