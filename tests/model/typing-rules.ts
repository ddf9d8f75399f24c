import { answers, fails, pickChat, type Plan, type Rule } from './plan.js';

/** A device begins to type, says so again, or ends it (TYP-1). */
export const type: Rule = (context) => {
  const { step, actor, device, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const begins = c % 3 !== 0;
  const command = begins
    ? (['typing', 'typing_start'] as const)[b % 2]
    : (['stopTyping', 'typing_stop'] as const)[b % 2];
  const plan = (outcome: Plan['outcome']): Plan => ({
    socket: [command ?? 'typing', { chatId: chat.name }],
    outcome,
  });
  if (!chat.members.has(actor)) return plan(fails('NOT_FOUND'));
  const devices = chat.typing.get(actor) ?? new Set();
  chat.typing.set(actor, devices);
  if (begins) {
    devices.add(device);
    step.typed = { chat, user: actor, isFirst: !chat.typed.has(actor) };
    chat.typed.add(actor);
  } else {
    devices.delete(device);
  }
  return plan(answers());
};
