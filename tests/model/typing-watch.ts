import { dataOf, type LiveDevice, type TypingNews } from './live-device.js';
import { Mismatch } from './mismatch.js';
import type { Step } from './step.js';
import type { Chat, World } from './world.js';

/** What a device may be told, and was told, of a user who types in a chat. */
interface Told {
  readonly device: string;
  readonly chat: Chat;
  readonly user: string;
  /** It was told that he types, and not yet that he stopped. */
  isOpen: boolean;
  mayStop: boolean;
}

/**
 * What devices are told of typing (TYP-1). When exactly, 2 s and 5 s decide, which the model does not follow. Compared is
 * what holds whatever the time:
 *
 * - `typing` comes only to members other than the user himself, while by the model he types on some device, and no block
 *   is between the two (BLOCK-1).
 * - The first time that he types in a chat is told to each connected device of the others.
 * - Whoever was told gets `stopTyping` when he ends it on his last device: by saying so, by a message, by the end of the
 *   socket or of the membership. It may come before, after 5 s.
 * - No second `stopTyping` comes before he says again that he types. Without `typing` it comes only to who may have
 *   missed that: who connected or joined later, or whose socket was busy.
 */
export class TypingWatch {
  private readonly told = new Map<string, Told>();
  /** Who, of his sockets then, may have been told of whom: he is told of the end also where a block came between. */
  private readonly toldUsers = new Set<string>();
  /** What was audible when it was last looked at: it may still have been on its way. */
  private before: ReadonlySet<string> = new Set();

  constructor(
    private readonly world: World,
    private readonly liveOf: (device: string) => LiveDevice,
  ) {}

  /** @throws {Mismatch} where a device was told what it must not be told, or not told what it must. */
  async check(what: string, typed?: Step['typed']): Promise<void> {
    const audible = new Set(this.audible());
    const isTyped = (key: string): boolean => {
      const one = this.told.get(key);
      return one !== undefined && one.chat === typed?.chat && one.user === typed.user;
    };
    const news = [...audible].filter(isTyped);
    for (const key of news) this.permitStop(key);
    if (typed?.isFirst) await Promise.all(news.map((key) => this.untilBegun(key, what)));
    this.hear(audible, what);
    for (const key of news) this.permitStop(key);
    await this.untilEnded(audible, what);
    this.before = audible;
    this.forget();
  }

  /** Whoever types says that he stops. */
  async finish(): Promise<void> {
    for (const { name: chatId, typing } of this.world.chats) {
      for (const devices of typing.values()) {
        for (const name of devices) {
          dataOf(await this.liveOf(name).command('stopTyping', { chatId }), `${name} stops`);
        }
        devices.clear();
      }
    }
    await this.check('the end of all typing');
  }

  /** To which devices it may be told now who types where. */
  private *audible(): Generator<string> {
    for (const chat of this.world.chats) {
      for (const [user, devices] of chat.typing) {
        if (devices.size === 0) continue;
        for (const reader of chat.members.keys()) {
          if (reader === user || this.world.isBlocked(reader, user)) continue;
          for (const { name, connected } of this.world.devicesOf(reader)) {
            if (!connected) continue;
            this.toldUsers.add(keyOf(reader, { chatId: chat.name, userId: user }));
            yield this.keep(name, chat, user);
          }
        }
      }
    }
  }

  private keep(device: string, chat: Chat, user: string): string {
    const key = keyOf(device, { chatId: chat.name, userId: user });
    const told = this.told.get(key) ?? { device, chat, user, isOpen: false, mayStop: true };
    this.told.set(key, told);
    return key;
  }

  private permitStop(key: string): void {
    const told = this.told.get(key);
    if (told) told.mayStop = true;
  }

  private async untilBegun(key: string, what: string): Promise<void> {
    const told = this.told.get(key);
    if (!told) return;
    const { device, chat, user } = told;
    const wanted = { event: 'typing', chatId: chat.name, userId: user } as const;
    if (await this.liveOf(device).untilTyping(wanted)) return;
    throw new Mismatch(`${what}: ${device} is not told that ${user} types in ${chat.name}`);
  }

  private hear(audible: ReadonlySet<string>, what: string): void {
    for (const { name, user, connected } of this.world.devices.values()) {
      if (!connected) continue;
      for (const news of this.liveOf(name).typing()) {
        const key = keyOf(name, news);
        const told = this.told.get(key);
        const begins = news.event === 'typing';
        const mayStop = told?.mayStop ?? this.toldUsers.has(keyOf(user, news));
        const may = begins ? audible.has(key) || this.before.has(key) : mayStop;
        if (!may) {
          throw new Mismatch(`${what}: ${name} is told ${news.event} of ${news.userId}`);
        }
        if (told) Object.assign(told, { isOpen: begins, mayStop: begins });
      }
    }
  }

  private async untilEnded(audible: ReadonlySet<string>, what: string): Promise<void> {
    const ended = [...this.told.values()].filter((told) => told.isOpen && this.isOver(told));
    await Promise.all(
      ended.map(({ device, chat, user }) =>
        this.liveOf(device).untilTyping({
          event: 'stopTyping',
          chatId: chat.name,
          userId: user,
        }),
      ),
    );
    this.hear(audible, what);
    const open = ended.find(({ isOpen }) => isOpen);
    if (!open) return;
    const { device, chat, user } = open;
    throw new Mismatch(`${what}: ${device} is not told that ${user} stopped in ${chat.name}`);
  }

  /** He types no longer, and the device is still there to be told. */
  private isOver({ device, chat, user }: Told): boolean {
    return this.isThere(device, chat) && (chat.typing.get(user)?.size ?? 0) === 0;
  }

  private isThere(name: string, chat: Chat): boolean {
    const device = this.world.devices.get(name);
    return device !== undefined && device.connected && chat.members.has(device.user);
  }

  private forget(): void {
    for (const [key, { device, chat }] of this.told) {
      if (!this.isThere(device, chat)) this.told.delete(key);
    }
  }
}

function keyOf(reader: string, { chatId, userId }: Omit<TypingNews, 'event'>): string {
  return `${reader} ${chatId} ${userId}`;
}
