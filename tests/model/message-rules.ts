import { CIPHERS, inChat, TEXTS } from './contents.js';
import {
  answers,
  fails,
  type Outcome,
  pick,
  pickChat,
  pickMessage,
  pickMessageIn,
  type Plan,
  type Rule,
} from './plan.js';
import { isBlocking, mayDelete, maySend, silencedFor } from './rights.js';
import { messageView, TIME } from './views.js';
import { canSee, type Content, isHidden, isVisible, lastSeq, type Message } from './world.js';

const EMOJIS = ['👍', '🎉', '❤️'];

function editPlan(message: Message, content: Content, outcome: Outcome): Plan {
  return {
    socket: ['editMessage', { messageId: message.name, ...content }],
    http: ['editMessage', { params: { id: message.name }, body: content }],
    outcome,
  };
}

function sameContent(message: Message, { text, mentions, encrypted }: Content): boolean {
  const [before, after] = [message, { text, mentions, encrypted }].map((content) =>
    JSON.stringify([content.text, content.mentions ?? [], content.encrypted]),
  );
  return before === after;
}

export const editMessage: Rule = (context) => {
  const { world, step, actor, c } = context;
  const message = pickMessage(context);
  if (!message) return undefined;
  const fits = c % 8 !== 0;
  const isEncrypted = (message.kind === 'encrypted') === fits;
  const mentions = [...world.users.keys()].filter((_, index) => (c >> index) % 2 === 1);
  const content: Content = isEncrypted
    ? { encrypted: pick(CIPHERS, c) }
    : { text: pick(TEXTS, c), ...(c % 3 === 0 && { mentions }) };
  if (!canSee(message, actor)) return editPlan(message, content, fails('NOT_FOUND'));
  if (message.sender !== actor || message.kind === 'system' || message.deleted) {
    return editPlan(message, content, fails('FORBIDDEN'));
  }
  if (isBlocking(world, message.chat, actor)) return editPlan(message, content, fails('FORBIDDEN'));
  if (!fits) return editPlan(message, content, fails('INVALID'));
  const after = {
    text: content.text,
    encrypted: content.encrypted,
    mentions: 'mentions' in content ? inChat(message.chat, content.mentions) : message.mentions,
  };
  if (sameContent(message, after)) {
    return editPlan(message, content, answers({ message: messageView(message, actor) }));
  }
  Object.assign(message, after, { edited: true });
  const silenced = silencedFor(world, message.chat, actor);
  if (silenced !== undefined && isVisible(message, silenced)) {
    message.hiddenFrom.add(silenced);
    message.silencedFor.add(silenced);
    step.own(silenced, 'messageHidden', message.chat, { messageId: message.name });
  }
  const seq = step.happened(message, 'messageEdited', actor);
  return editPlan(message, content, answers({ message: messageView(message, actor), seq }));
};

function deletePlan(message: Message, scope: 'everyone' | 'me', outcome: Outcome): Plan {
  return {
    socket: ['deleteMessage', { messageId: message.name, scope }],
    http: ['deleteMessage', { params: { id: message.name }, query: { scope } }],
    isQuiet: true,
    outcome,
  };
}

export const deleteForEveryone: Rule = (context) => {
  const { step, actor } = context;
  const message = pickMessage(context);
  if (!message) return undefined;
  const plan = (outcome: Outcome): Plan => deletePlan(message, 'everyone', outcome);
  if (!canSee(message, actor)) return plan(fails('NOT_FOUND'));
  if (!mayDelete(message, actor)) return plan(fails('FORBIDDEN'));
  if (message.deleted) return plan(answers());
  message.deleted = true;
  message.reactions = [];
  message.starredBy.clear();
  delete message.pinnedAt;
  return plan(answers({ seq: step.happened(message, 'messageDeleted', actor), at: TIME }));
};

export const hideMessage: Rule = (context) => {
  const { step, actor } = context;
  const message = pickMessage(context);
  if (!message) return undefined;
  const plan = (outcome: Outcome): Plan => deletePlan(message, 'me', outcome);
  if (!message.chat.members.has(actor)) return plan(fails('NOT_FOUND'));
  if (isHidden(message, actor)) return plan(answers());
  message.hiddenFrom.add(actor);
  const details = { messageId: message.name };
  return plan(answers({ userSeq: step.own(actor, 'messageHidden', message.chat, details) }));
};

export const react: Rule = (context) => {
  const { step, actor, c } = context;
  const message = pickMessage(context);
  if (!message) return undefined;
  const emoji = pick(EMOJIS, c >> 1) ?? '';
  const added = c % 3 !== 0;
  const name = added ? ('addReaction' as const) : ('removeReaction' as const);
  const plan = (outcome: Outcome): Plan => ({
    socket: [name, { messageId: message.name, emoji }],
    http: [name, { params: { id: message.name, emoji: encodeURIComponent(emoji) } }],
    outcome,
  });
  if (!canSee(message, actor)) return plan(fails('NOT_FOUND'));
  if (message.kind === 'system' || message.deleted) return plan(fails('FORBIDDEN'));
  const others = message.reactions.filter((one) => one.user !== actor || one.emoji !== emoji);
  const was = others.length < message.reactions.length;
  if (was === added) return plan(answers({ message: messageView(message, actor) }));
  message.reactions = added ? [...others, { user: actor, emoji }] : others;
  const seq = step.happened(message, 'reactionChanged', actor, { emoji, added });
  return plan(answers({ message: messageView(message, actor), seq }));
};

export const pin: Rule = (context) => {
  const { world, step, actor, c } = context;
  const message = pickMessage(context);
  if (!message) return undefined;
  const pins = c % 3 !== 0;
  const name = pins ? ('pinMessage' as const) : ('unpinMessage' as const);
  const plan = (outcome: Outcome): Plan => ({
    socket: [name, { messageId: message.name }],
    http: [name, { params: { id: message.chat.name, messageId: message.name } }],
    isQuiet: true,
    outcome,
  });
  if (!canSee(message, actor)) return plan(fails('NOT_FOUND'));
  if (!maySend(message.chat, actor)) return plan(fails('FORBIDDEN'));
  if (pins && (message.kind === 'system' || message.deleted)) return plan(fails('FORBIDDEN'));
  if ((message.pinnedAt !== undefined) === pins) return plan(answers());
  if (pins) message.pinnedAt = world.clock;
  else delete message.pinnedAt;
  const event = pins ? 'messagePinned' : 'messageUnpinned';
  return plan(answers({ seq: step.happened(message, event, actor) }));
};

export const star: Rule = (context) => {
  const { world, step, actor, c } = context;
  const message = pickMessage(context);
  if (!message) return undefined;
  const starred = c % 3 !== 0;
  const name = starred ? ('starMessage' as const) : ('unstarMessage' as const);
  const plan = (outcome: Outcome): Plan => ({
    socket: [name, { messageId: message.name }],
    http: [name, { params: { id: message.name } }],
    isQuiet: true,
    outcome,
  });
  if (!canSee(message, actor)) return plan(fails('NOT_FOUND'));
  if (starred && (message.kind === 'system' || message.deleted)) return plan(fails('FORBIDDEN'));
  if (message.starredBy.has(actor) === starred) return plan(answers());
  if (starred) message.starredBy.set(actor, world.clock);
  else message.starredBy.delete(actor);
  const details = { messageId: message.name, starred };
  return plan(answers({ userSeq: step.own(actor, 'messageStarred', message.chat, details) }));
};

/** Marks by `seq` or by message over the socket, both at once over HTTP; sometimes past the end. */
export const mark: Rule = (context) => {
  const { step, actor, door, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const isSeen = c % 2 === 0;
  const bySocket = door === 'socket';
  const message = bySocket && c % 3 === 0 ? pickMessageIn(context, chat, b) : undefined;
  const seq = message?.seq ?? b % (lastSeq(chat) + 2);
  const other = bySocket ? 0 : c % (lastSeq(chat) + 2);
  const [delivered, seen] = isSeen ? [other, seq] : [seq, other];
  const place = message ? { messageId: message.name } : { chatId: chat.name, seq };
  const plan = (outcome: Outcome): Plan => ({
    socket: [isSeen ? 'messageSeen' : 'messageDelivered', place],
    http: [
      'setMarks',
      { params: { id: chat.name }, body: { deliveredSeq: delivered, seenSeq: seen } },
    ],
    isQuiet: true,
    outcome,
  });
  if (!chat.members.has(actor)) return plan(fails('NOT_FOUND'));
  if (message && !isVisible(message, actor)) return plan(fails('NOT_FOUND'));
  if (Math.max(delivered, seen) > lastSeq(chat)) return plan(fails('INVALID'));
  step.mark(chat, actor, delivered, seen);
  return plan(answers());
};
