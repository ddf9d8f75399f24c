import { directChatOf, freezeMarks, NOBODY } from './chat-rules.js';
import { answers, fails, type Outcome, pick, pickUser, type Plan, type Rule } from './plan.js';
import { otherOf } from './world.js';

export const block: Rule = (context) => {
  const { world, step, actor, b, c } = context;
  // Mostly the other of a direct chat.
  const others = world.chatsOf(actor).flatMap((chat) => otherOf(chat, actor) ?? []);
  const known = c % 3 === 0 ? undefined : pick(others, b);
  const other = c % 12 === 0 ? NOBODY : (known ?? pickUser(context, b));
  const plan = (outcome: Outcome): Plan => ({
    http: ['blockUser', { params: { id: other } }],
    isQuiet: true,
    outcome,
  });
  if (other === NOBODY) return plan(fails('NOT_FOUND'));
  if (other === actor) return plan(fails('INVALID'));
  const { blocks } = world.user(actor);
  if (blocks.has(other)) return plan(answers());
  blocks.set(other, world.clock);
  const chat = directChatOf(world, actor, other);
  if (chat) freezeMarks(chat);
  step.own(actor, 'userBlocked', undefined, { userId: other });
  return plan(answers());
};

/** What came meanwhile stays unseen. */
export const unblock: Rule = (context) => {
  const { world, step, actor, b } = context;
  const { blocks } = world.user(actor);
  // Mostly somebody whom he blocks.
  const other = (b % 4 === 0 ? undefined : [...blocks.keys()][0]) ?? pickUser(context, b);
  if (blocks.delete(other)) step.own(actor, 'userUnblocked', undefined, { userId: other });
  return {
    http: ['unblockUser', { params: { id: other } }],
    isQuiet: true,
    outcome: answers(),
  };
};
