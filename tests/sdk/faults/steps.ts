import type { ChatHandle, MessageItem } from '@natter/client';
import type { Actor } from './actor.js';
import { hashOf, someFile } from './content.js';

const EMOJI = ['👍', '❤️', '🎉'];
const MOST_FILES = 2;

export function pick<T>(random: () => number, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

async function aMoment(random: () => number, mostMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, random() * mostMs));
}

function messagesOf(chat: ChatHandle): MessageItem[] {
  return chat
    .timeline()
    .getSnapshot()
    .items.filter((item): item is MessageItem => item.type === 'message' && item.kind !== 'system');
}

/** One thing that a user does. What is refused, or cannot be done at the moment, is left. */
export async function act(
  actor: Actor,
  actors: readonly Actor[],
  random: () => number,
  step: number,
): Promise<void> {
  const { client } = actor;
  const chats = client.chats.list().getSnapshot();
  const item = pick(random, chats);
  if (!item) return;
  const chat = client.chats.open(item.id);
  const message = pick(random, messagesOf(chat));
  const own = pick(
    random,
    messagesOf(chat).filter(({ isOwn }) => isOwn),
  );
  const other = pick(random, actors);
  const ignore = () => undefined;
  const chance = random();
  const name = client.me.getSnapshot()?.username ?? '';
  if (chance < 0.33) {
    await sendFiles(actor, chat, random, `Files ${step} of ${name}`);
  } else if (chance < 0.45 || !message) {
    const text = `${step} of ${name}`;
    const { key } = chat.send(random() < 0.2 && message ? { text, replyTo: message } : text);
    actor.wrote(chat.id, { key, text, hashes: [] });
  } else if (chance < 0.55) void chat.react(message, pick(random, EMOJI) ?? '👍');
  else if (chance < 0.6) void chat.unreact(message, pick(random, EMOJI) ?? '👍');
  else if (chance < 0.65 && own) void chat.react(own, '✅');
  else if (chance < 0.7) void chat.star(message);
  else if (chance < 0.75) void chat.pin(message);
  else if (chance < 0.8) chat.markSeen();
  else if (chance < 0.84 && message.id) {
    actor.hidden.add(message.key);
    void chat.deleteForMe(message);
  } else if (chance < 0.88) chat.setDraft(`draft ${step}`);
  else if (chance < 0.9) chat.setPreferences({ pinned: random() < 0.5 }).catch(ignore);
  else if (chance < 0.93) {
    const memberIds = [other?.user.id ?? ''].filter((id) => id !== actor.user.id);
    void client.chats.createGroup({ title: `Group ${step}`, memberIds });
  } else if (chance < 0.96 && item.type === 'group' && other) {
    chat.addMembers([other.user.id]).catch(ignore);
  } else if (item.type === 'group' && item.role === 'member') chat.leave().catch(ignore);
  else chat.update({ title: `Title ${step}` }).catch(ignore);
}

/** Sends a message with files, most of them with a caption, and now and then the process ends on the way. */
async function sendFiles(
  actor: Actor,
  chat: ChatHandle,
  random: () => number,
  caption: string,
): Promise<void> {
  const files: File[] = [];
  for (let count = 1 + Math.floor(random() * MOST_FILES); count > 0; count -= 1) {
    files.push(await someFile(random));
  }
  const hashes = await Promise.all(files.map(hashOf));
  const text = random() < 0.7 ? caption : '';
  const { key } = chat.sendMedia({ files, ...(text !== '' && { text }) });
  actor.wrote(chat.id, { key, text, hashes });
  await aMoment(random, 100);
  if (random() < 0.3) await actor.restart();
}

/** Deletions for everyone and edits, of which what was sent is not to be found any more. */
export function change(actor: Actor, random: () => number, step: number): void {
  const chats = actor.client.chats.list().getSnapshot();
  const chat = actor.client.chats.open(pick(random, chats)?.id ?? actor.user.id);
  const own = pick(
    random,
    messagesOf(chat).filter(({ isOwn, deletedAt }) => isOwn && deletedAt === undefined),
  );
  const before = (actor.written.get(chat.id) ?? []).find(({ key }) => key === own?.key);
  if (!own || !before) return;
  if (random() < 0.5) {
    const text = `${before.text}, edited at ${step}`;
    void chat.edit(own, text);
    actor.changed(chat.id, before, text);
  } else {
    void chat.deleteForEveryone(own);
    actor.changed(chat.id, before);
  }
}

/** What happens to a client beside what its user does. */
export async function disturb(actor: Actor, random: () => number): Promise<void> {
  const chance = random();
  if (chance < 0.04) actor.client.disconnect();
  else if (chance < 0.5) actor.client.connect();
  if (random() < 0.5) await aMoment(random, 20);
  if (random() < 0.04) await actor.restart();
}
