import {
  answers,
  fails,
  type Outcome,
  pickChat,
  pickMessageIn,
  type Plan,
  type Rule,
} from './plan.js';
import { chatView } from './views.js';
import { type Draft, isVisible, lastSeq, memberOf } from './world.js';

const DRAFTS = ['', 'a draft', 'another draft'];

export const setDraft: Rule = (context) => {
  const { step, actor, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const text = DRAFTS[c % DRAFTS.length] ?? '';
  const replyTo = b % 3 === 0 ? pickMessageIn(context, chat, b) : undefined;
  const draft: Draft | undefined =
    text || replyTo ? { text, ...(replyTo && { replyTo }) } : undefined;
  const body = { text, replyToId: replyTo?.name };
  const plan = (outcome: Outcome): Plan => ({
    socket: ['setDraft', { chatId: chat.name, ...(draft && body) }],
    http: draft
      ? ['setDraft', { params: { id: chat.name }, body }]
      : ['deleteDraft', { params: { id: chat.name } }],
    isQuiet: true,
    outcome,
  });
  if (!chat.members.has(actor)) return plan(fails('NOT_FOUND'));
  if (replyTo && !isVisible(replyTo, actor)) return plan(fails('NOT_FOUND'));
  const member = memberOf(chat, actor);
  const isSame = member.draft?.text === draft?.text && member.draft?.replyTo === draft?.replyTo;
  if (isSame) return plan(answers());
  if (draft) member.draft = draft;
  else delete member.draft;
  return plan(answers({ userSeq: step.own(actor, 'draftChanged', chat) }));
};

export const clearChat: Rule = (context) => {
  const { step, actor, a, b } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const upToSeq = b % (lastSeq(chat) + 2);
  const plan = (outcome: Outcome): Plan => ({
    socket: ['clearChat', { chatId: chat.name, upToSeq }],
    http: ['clearChat', { params: { id: chat.name }, body: { upToSeq } }],
    isQuiet: true,
    outcome,
  });
  if (!chat.members.has(actor)) return plan(fails('NOT_FOUND'));
  if (upToSeq > lastSeq(chat)) return plan(fails('INVALID'));
  const member = memberOf(chat, actor);
  if (upToSeq <= member.cleared) return plan(answers());
  member.cleared = upToSeq;
  return plan(answers({ userSeq: step.own(actor, 'chatCleared', chat, { upToSeq }) }));
};

export const setPreferences: Rule = (context) => {
  const { world, step, actor, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const wanted = c % 3 !== 0;
  const which = (['pinned', 'archived', 'markedUnread'] as const)[b % 3] ?? 'pinned';
  const plan = (outcome: Outcome): Plan => ({
    http: ['setPreferences', { params: { id: chat.name }, body: { [which]: wanted } }],
    outcome,
  });
  if (!chat.members.has(actor)) return plan(fails('NOT_FOUND'));
  const member = memberOf(chat, actor);
  const was = which === 'pinned' ? member.pinnedAt !== undefined : member[which];
  if (was !== wanted) {
    if (which !== 'pinned') member[which] = wanted;
    else if (wanted) member.pinnedAt = world.clock;
    else delete member.pinnedAt;
    step.own(actor, 'chatPreferencesChanged', chat);
  }
  return plan(answers(chatView(world, chat, actor)));
};

/** Whether others are told what the actor has seen (RCPT-1), or who may add him to groups (USER-2). */
export const setPrivacy: Rule = ({ world, step, actor, b, c }) => {
  const user = world.user(actor);
  const { showsSeen, addToGroups } = user;
  const privacy =
    b % 2 === 0
      ? { seen: c % 2 === 0 }
      : { addToGroups: c % 3 === 0 ? ('all' as const) : ('contacts' as const) };
  user.showsSeen = privacy.seen ?? showsSeen;
  user.addToGroups = privacy.addToGroups ?? addToGroups;
  if (user.showsSeen !== showsSeen || user.addToGroups !== addToGroups) {
    step.own(actor, 'profileChanged', undefined, { user: actor });
  }
  return {
    http: ['updateProfile', { body: { privacy } }],
    // A user is compared by name alone.
    outcome: { answer: undefined },
  };
};
