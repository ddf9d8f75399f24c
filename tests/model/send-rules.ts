import { CIPHERS, inChat, TEXTS } from './contents.js';
import {
  answers,
  type Context,
  fails,
  type Outcome,
  pick,
  pickChat,
  pickMessage,
  pickMessageIn,
  type Plan,
  type Rule,
} from './plan.js';
import { isBlocking, maySend } from './rights.js';
import { messageView } from './views.js';
import {
  canSee,
  type Chat,
  type Content,
  isVisible,
  memberOf,
  type Message,
  messagesOf,
  type Send,
} from './world.js';

/** Appends a message of the actor, and what it does to his marks: everything before is seen (RCPT-1). */
function send(
  { step, actor, device }: Context,
  chat: Chat,
  clientId: string,
  content: Content & { replyTo?: Message; forwarded?: boolean },
): Message {
  const kind = content.encrypted === undefined ? 'text' : 'encrypted';
  const { seen } = memberOf(chat, actor);
  const seesOthers = messagesOf(chat).some((one) => one.kind !== 'system' && one.seq > seen);
  const message = step.message(chat, {
    ...content,
    kind,
    mentions: inChat(chat, content.mentions),
    sender: actor,
    device,
    clientId,
  });
  step.mark(chat, actor, message.seq, message.seq, seesOthers);
  chat.typing.get(actor)?.delete(device);
  return message;
}

function sendPlan(
  chat: Chat,
  clientId: string,
  { text, mentions, encrypted, replyTo }: Send['input'],
  outcome: Outcome,
): Plan {
  const content = encrypted === undefined ? { text, mentions } : { encrypted };
  const body = { clientMessageId: clientId, ...content, replyToId: replyTo?.name };
  const kind = encrypted === undefined ? 'text' : 'encrypted';
  return {
    socket: [
      kind === 'text' ? 'sendMessage' : 'sendEncryptedMessage',
      { chatId: chat.name, ...body },
    ],
    http: ['sendMessage', { params: { id: chat.name }, body: { kind, ...body } }],
    outcome,
  };
}

function sent(context: Context, chat: Chat, clientId: string, input: Send['input']): Outcome {
  const { world, actor } = context;
  if (!chat.members.has(actor)) return fails('NOT_FOUND');
  const { replyTo, ...content } = input;
  const isLost = replyTo && (replyTo.chat !== chat || !isVisible(replyTo, actor));
  const may = maySend(chat, actor) && !isBlocking(world, chat, actor);
  if (!may) return isLost ? fails('FORBIDDEN', 'NOT_FOUND') : fails('FORBIDDEN');
  if (isLost) return fails('NOT_FOUND');
  const message = send(context, chat, clientId, { ...content, ...(replyTo && { replyTo }) });
  world.sends.push({
    user: actor,
    chats: [chat],
    clientIds: [clientId],
    input,
    messages: [message],
  });
  return answers({ message: messageView(message, actor) });
}

export const sendMessage: Rule = (context) => {
  const { world, a, b, c } = context;
  const chat = pickChat(context, a);
  if (!chat) return undefined;
  const mentions = [...world.users.keys()].filter((_, index) => (c >> index) % 2 === 1);
  const content =
    c % 7 === 0
      ? { encrypted: pick(CIPHERS, c) }
      : { text: pick(TEXTS, c), ...(c % 3 === 0 && { mentions }) };
  // A reply is mostly to a message of the chat, sometimes to one of another.
  const home = b % 11 === 0 ? pickChat(context, b) : chat;
  const replyTo = b % 3 === 0 && home ? pickMessageIn(context, home, b) : undefined;
  const input = { ...content, ...(replyTo && { replyTo }) };
  const clientId = world.freshClientId();
  return sendPlan(chat, clientId, input, sent(context, chat, clientId, input));
};

/** IDEM-1: the same send is answered by the first message, another under the same id is a conflict. */
export const repeatSend: Rule = (context) => {
  const { world, actor, b, c } = context;
  const earlier = pick(
    world.sends.filter(({ user }) => user === actor),
    b,
  );
  if (!earlier) return undefined;
  const { chats, clientIds, input, messages } = earlier;
  const [chat, clientId, message] = [chats[0], clientIds[0], messages[0]];
  if (!chat || clientId === undefined || !message) return undefined;
  if (input.source) return repeatForward(context, earlier, input.source);
  const isMember = chat.members.has(actor);
  if (c % 4 === 0) {
    const other = { ...input, text: 'something else', encrypted: undefined };
    return sendPlan(chat, clientId, other, isMember ? fails('CONFLICT') : fails('NOT_FOUND'));
  }
  const answer = { message: messageView(message, actor), duplicate: true };
  return sendPlan(chat, clientId, input, isMember ? answers(answer) : fails('NOT_FOUND'));
};

function forwardPlan({ chats, clientIds }: Send, source: Message, outcome: Outcome): Plan {
  const body = { chatIds: chats.map(({ name }) => name), clientMessageIds: clientIds };
  return {
    socket: ['forwardMessage', { messageId: source.name, ...body }],
    http: ['forwardMessage', { params: { id: source.name }, body }],
    outcome,
  };
}

/** Why a message may not be forwarded by the actor, whatever the destinations. */
function forwardRefusals(source: Message, actor: string): Outcome | undefined {
  if (!canSee(source, actor)) return fails('NOT_FOUND');
  if (source.kind === 'system' || source.deleted) return fails('FORBIDDEN');
  return source.kind === 'encrypted' ? fails('INVALID') : undefined;
}

function repeatForward({ actor }: Context, earlier: Send, source: Message): Plan {
  const isMember = earlier.chats.every((chat) => chat.members.has(actor));
  const views = earlier.messages.map((message) => messageView(message, actor));
  if (isMember) return forwardPlan(earlier, source, answers({ messages: views }));
  const refusal = forwardRefusals(source, actor);
  const codes = refusal && 'codes' in refusal ? refusal.codes : [];
  return forwardPlan(earlier, source, fails('NOT_FOUND', ...codes));
}

export const forwardMessage: Rule = (context) => {
  const { world, actor, b, c } = context;
  const source = pickMessage(context);
  const chats = [pickChat(context, c), pickChat(context, b)].filter((chat) => chat !== undefined);
  const destinations = c % 2 === 0 ? [...new Set(chats)] : chats.slice(0, 1);
  if (!source || destinations.length === 0) return undefined;
  const clientIds = destinations.map(() => world.freshClientId());
  const input = { source };
  const forward: Send = { user: actor, chats: destinations, clientIds, input, messages: [] };
  const refusals = [
    forwardRefusals(source, actor),
    ...destinations.map((chat) => {
      if (!chat.members.has(actor)) return fails('NOT_FOUND');
      const may = maySend(chat, actor) && !isBlocking(world, chat, actor);
      return may ? undefined : fails('FORBIDDEN');
    }),
  ].flatMap((refusal) => (refusal && 'codes' in refusal ? refusal.codes : []));
  if (refusals.length > 0) return forwardPlan(forward, source, fails(...refusals));
  const content = { text: source.text, forwarded: true };
  const messages = destinations.map((chat, index) =>
    send(context, chat, clientIds[index] ?? '', content),
  );
  world.sends.push({ ...forward, messages });
  const views = messages.map((message) => messageView(message, actor));
  return forwardPlan(forward, source, answers({ messages: views }));
};
