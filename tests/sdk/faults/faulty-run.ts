import {
  type ChatClient,
  type ChatHandle,
  type ChatClientOptions,
  type ClientStore,
  createChatClient,
  isShallowEqual,
  memoryStore,
  type MessageItem,
} from '@natter/client';
import type { Message } from '@natter/protocol';
import {
  callRoute,
  type Faults,
  FaultProxy,
  freshName,
  noFaults,
  type TestServer,
  TestUser,
} from '@natter/testing';
import { expect, vi } from 'vitest';
import { randomFrom } from '../../contract/state/followers.js';
import { expectedOf, readSnapshot, shownBy } from '../../contract/state/snapshot.js';

const PASSWORD = 'correct horse battery';
const STEPS = 40;
const PATIENCE_MS = 30_000;
const EMOJI = ['👍', '❤️', '🎉'];

/** What goes wrong in a run, by its seed: some have much of one thing. */
function faultsOf(random: () => number): Faults {
  return {
    cut: random() * 0.06,
    double: random() * 0.3,
    shuffle: random() * 0.4,
    delayMs: random() * 8,
  };
}

/** A store that outlives its client, which writes nothing any more once it is killed. */
class Disk {
  private readonly rows = memoryStore();
  private mounted: object | undefined;

  mount(): ClientStore {
    const mount = {};
    this.mounted = mount;
    const ifMounted = <T>(act: () => Promise<T>): Promise<T> =>
      this.mounted === mount ? act() : new Promise<T>(() => undefined);
    return {
      read: (prefix) => ifMounted(() => this.rows.read(prefix)),
      // As JSON, which is all that a store has to carry.
      write: (changes) =>
        ifMounted(() => {
          const entries: [string, unknown][] = JSON.parse(
            JSON.stringify([...changes].map(([key, value]) => [key, value ?? null])),
          );
          return this.rows.write(new Map(entries.map(([key, value]) => [key, value ?? undefined])));
        }),
      close: () => Promise.resolve(),
    };
  }
}

/** The ids in an outbox as it is stored. */
async function storedIds(store: ClientStore): Promise<string[]> {
  const rows = await store.read('user/');
  return rows.flatMap(([key]) => /\/outbox\/(.*)$/.exec(key)?.[1] ?? []);
}

type Make = (options: ChatClientOptions) => ChatClient;

/** One user with his client behind a way that breaks. */
class Actor {
  /** What he wrote in each chat, in his order. */
  readonly written = new Map<string, string[]>();
  client: ChatClient;
  private readonly disk = new Disk();
  private store: ClientStore;

  private constructor(
    readonly user: TestUser,
    readonly proxy: FaultProxy,
    private readonly make: Make,
  ) {
    this.store = this.disk.mount();
    this.client = make({ url: proxy.url, store: this.store });
  }

  static async enter(
    { server, make = createChatClient, patience }: FaultyRun,
    random: () => number,
  ) {
    const username = freshName('faulty');
    const body = { username, password: PASSWORD };
    const { body: session } = await callRoute(server.url, 'register', { body });
    const proxy = await FaultProxy.start(server.url, random);
    const actor = new Actor(new TestUser(server.url, session), proxy, make);
    await actor.client.session.login({ username, password: PASSWORD });
    await actor.untilLive(patience);
    return actor;
  }

  async untilLive(patience: FaultyRun['patience']): Promise<void> {
    await vi.waitFor(() => {
      if (this.client.state.status !== 'live') throw new Error('The client is not up to date');
    }, patience);
  }

  /** As the end of a process, right after what he did is stored; nothing more is written then. */
  async restart(): Promise<void> {
    const before = this.store;
    for (;;) {
      const stored = new Set(await storedIds(before));
      if (this.client.outbox.getSnapshot().every(({ id }) => stored.has(id))) break;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const store = this.disk.mount();
    this.store = store;
    this.client.disconnect();
    this.client = this.make({ url: this.proxy.url, store });
    this.client.connect();
  }
}

export interface FaultyRun {
  readonly server: TestServer;
  readonly seed: number;
  /** Makes a client, for those that are broken on purpose. */
  readonly make?: Make;
  /** In place of what the seed says. */
  readonly faults?: Partial<Faults>;
  /** For how long a client may need to be as the server is. */
  readonly patience?: { readonly timeout: number; readonly interval: number };
}

function pick<T>(random: () => number, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function messagesOf(chat: ChatHandle): MessageItem[] {
  return chat
    .timeline()
    .getSnapshot()
    .items.filter((item): item is MessageItem => item.type === 'message' && item.kind === 'text');
}

/** One thing that a user does. What is refused, or cannot be done at the moment, is left. */
function act(actor: Actor, actors: readonly Actor[], random: () => number, step: number): void {
  const { client, written } = actor;
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
  if (chance < 0.45 || !message) {
    const text = `${step} of ${client.me.getSnapshot()?.username ?? ''}`;
    chat.send(random() < 0.2 && message ? { text, replyTo: message } : text);
    written.set(chat.id, [...(written.get(chat.id) ?? []), text]);
  } else if (chance < 0.55) void chat.react(message, pick(random, EMOJI) ?? '👍');
  else if (chance < 0.6) void chat.unreact(message, pick(random, EMOJI) ?? '👍');
  else if (chance < 0.65 && own) void chat.react(own, '✅');
  else if (chance < 0.7) void chat.star(message);
  else if (chance < 0.75) void chat.pin(message);
  else if (chance < 0.8) chat.markSeen();
  else if (chance < 0.84 && message.id) void chat.deleteForMe(message);
  else if (chance < 0.88) chat.setDraft(`draft ${step}`);
  else if (chance < 0.9) chat.setPreferences({ pinned: random() < 0.5 }).catch(ignore);
  else if (chance < 0.93) {
    const memberIds = [other?.user.id ?? ''].filter((id) => id !== actor.user.id);
    chat.getSnapshot();
    void client.chats.createGroup({ title: `Group ${step}`, memberIds });
  } else if (chance < 0.96 && item.type === 'group' && other) {
    chat.addMembers([other.user.id]).catch(ignore);
  } else if (item.type === 'group' && item.role === 'member') chat.leave().catch(ignore);
  else chat.update({ title: `Title ${step}` }).catch(ignore);
}

/** Deletions for everyone and edits, of which the text that was sent is not to be found any more. */
function change(actor: Actor, random: () => number, step: number): void {
  const chats = actor.client.chats.list().getSnapshot();
  const chat = actor.client.chats.open(pick(random, chats)?.id ?? actor.user.id);
  const own = pick(
    random,
    messagesOf(chat).filter(({ isOwn, text }) => isOwn && text !== undefined),
  );
  if (!own) return;
  const texts = actor.written.get(chat.id) ?? [];
  const index = texts.indexOf(own.text ?? '');
  if (index < 0 || texts.filter((text) => text === own.text).length > 1) return;
  if (random() < 0.5) {
    const text = `${own.text ?? ''}, edited at ${step}`;
    void chat.edit(own, text);
    texts[index] = text;
  } else {
    void chat.deleteForEveryone(own);
    texts.splice(index, 1);
  }
}

/** Gives up what the server refused, such as a message to a group that its author has left meanwhile. */
function giveUp({ client, written }: Actor): void {
  for (const item of client.outbox.getSnapshot().filter(({ status }) => status === 'failed')) {
    const texts = written.get(item.chatId ?? '') ?? [];
    const text = 'text' in item.input ? item.input.text : undefined;
    const about = client.outbox
      .getSnapshot()
      .filter((other) => other.about === item.id && other.command === 'editMessage');
    for (const given of [text, ...about.map(({ input }) => ('text' in input ? input.text : ''))]) {
      if (texts.includes(given ?? '')) texts.splice(texts.indexOf(given ?? ''), 1);
    }
    client.outbox.discard(item.id);
  }
}

async function settled(actor: Actor, patience: FaultyRun['patience']): Promise<void> {
  await vi.waitFor(() => {
    giveUp(actor);
    expect(actor.client.state.status).toBe('live');
    expect(actor.client.outbox.getSnapshot()).toEqual([]);
  }, patience);
}

/** What the client shows is what the server has; what it wrote is there once, in its order. */
async function judge(actor: Actor, what: string, patience: FaultyRun['patience']): Promise<void> {
  const { client, user, written } = actor;
  const compare = async (): Promise<void> => {
    const snapshot = await readSnapshot(user);
    const state = client.data.getSnapshot();
    if (!state) throw new Error('There is no state');
    const expected = expectedOf(snapshot, state);
    const shown = shownBy(state);
    if (!isShallowEqual(shown, expected)) expect(shown, what).toEqual(expected);
  };
  let last: Promise<void> = Promise.resolve();
  try {
    await vi.waitFor(() => {
      last = compare();
      return last;
    }, patience);
  } finally {
    // Nothing is to be asked of the server after the run.
    await last.catch(() => undefined);
  }
  for (const [chatId, texts] of written) {
    const chat = client.data.getSnapshot()?.chats.get(client.chats.open(chatId).id);
    if (!chat) continue;
    const history = await allOf(user, chatId);
    const stored = history.filter(({ senderId, kind }) => senderId === user.id && kind === 'text');
    const found = stored.map(({ text }) => text).filter((text) => texts.includes(text ?? ''));
    expect(new Set(found).size, `${what}: doubled`).toBe(found.length);
    // What he deleted for himself is not in his history any more.
    const visible = chat.hidden.size === 0 ? texts : texts.filter((text) => found.includes(text));
    expect(found, `${what}: what was written`).toEqual(visible);
  }
}

async function allOf(user: TestUser, id: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const bound: { before: number } | undefined = messages[0] && { before: messages[0].seq };
    const { body } = await user.call('getHistory', {
      params: { id },
      query: { limit: 100, ...bound },
    });
    messages.unshift(...body.items);
    if (!body.hasMoreBefore) return messages;
  }
}

/** Three users who write, change and leave while the way to the server breaks; then it is mended, and all must be well. */
export async function faultyRun(
  wanted: FaultyRun,
): Promise<Record<'cut' | 'doubled' | 'shuffled', number>> {
  const { seed, patience = { timeout: PATIENCE_MS, interval: 50 } } = wanted;
  const [run, random] = [{ ...wanted, patience }, randomFrom(seed)];
  const anna = await Actor.enter(run, random);
  const [ben, cleo] = [await Actor.enter(run, random), await Actor.enter(run, random)];
  const actors = [anna, ben, cleo];
  try {
    await anna.user.group([ben.user, cleo.user]);
    await anna.user.direct(ben.user);
    const faults = { ...faultsOf(random), ...wanted.faults };
    for (const { proxy } of actors) proxy.faults = faults;
    for (let step = 0; step < STEPS; step += 1) {
      const actor = pick(random, actors) ?? anna;
      if (random() < 0.15) change(actor, random, step);
      else act(actor, actors, random, step);
      await disturb(actor, random);
    }
    for (const { proxy, client } of actors) {
      proxy.faults = noFaults;
      client.connect();
    }
    for (const actor of actors) await settled(actor, patience);
    for (const actor of actors) {
      await judge(actor, `seed ${seed}, ${actor.user.session.user.username}`, patience);
    }
    return actors.reduce(
      (sum, { proxy: { counts } }) => ({
        cut: sum.cut + counts.cut,
        doubled: sum.doubled + counts.doubled,
        shuffled: sum.shuffled + counts.shuffled,
      }),
      { cut: 0, doubled: 0, shuffled: 0 },
    );
  } finally {
    for (const { client, proxy } of actors) {
      client.disconnect();
      await proxy.stop();
    }
  }
}

async function disturb(actor: Actor, random: () => number): Promise<void> {
  const chance = random();
  if (chance < 0.04) actor.client.disconnect();
  else if (chance < 0.5) actor.client.connect();
  if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, random() * 20));
  if (random() < 0.04) await actor.restart();
}
