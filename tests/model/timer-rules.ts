import { answers, fails, pick, pickChat, type Plan, type Rule } from './plan.js';
import { isAdmin, isBlocking } from './rights.js';
import { chatView } from './views.js';
import { type Message, messagesOf, type World } from './world.js';

const HOUR = 3_600_000;
/** So long that nothing expires by itself. */
const TIMERS = [HOUR, HOUR + 1, 24 * HOUR, null];

/** How long what is sent from now on lives (MSG-7). */
export const setTimer: Rule = (context) => {
  const { world, step, actor, a, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const messageTtlMs = pick(TIMERS, c) ?? null;
  const plan = (outcome: Plan['outcome']): Plan => ({
    http: ['updateChat', { params: { id: chat.name }, body: { messageTtlMs } }],
    outcome,
  });
  const member = chat.members.get(actor);
  if (!member) return plan(fails('NOT_FOUND'));
  const may =
    chat.type === 'direct'
      ? !isBlocking(world, chat, actor)
      : chat.settings.editInfo === 'all' || isAdmin(member.role);
  if (!may) return plan(fails('FORBIDDEN'));
  if ((chat.messageTtlMs ?? null) !== messageTtlMs) {
    if (messageTtlMs === null) delete chat.messageTtlMs;
    else chat.messageTtlMs = messageTtlMs;
    step.system(chat, actor, { type: 'chatUpdated', changes: { messageTtlMs } });
  }
  return plan(answers(chatView(world, chat, actor)));
};

/** One of the messages that have a time, which is over from now on: its end is set to 1 ms before its beginning. */
export function expireOne(
  { chats }: World,
  knows: (name: string) => boolean,
  number: number,
): Message | undefined {
  const timed = chats
    .flatMap(messagesOf)
    .filter(({ ttlMs, expired, name }) => ttlMs !== undefined && !expired && knows(name));
  const message = pick(timed, number);
  if (!message) return undefined;
  message.expired = true;
  message.ttlMs = -1;
  return message;
}
