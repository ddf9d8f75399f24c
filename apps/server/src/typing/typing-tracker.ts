import type { ChatId, DeviceId, Typing, UserId } from '@natter/protocol';

/** Others are told at most this often that a user types in a chat (TYP-1). */
const REPEAT_MS = 2000;
/** Typing that is not said again is over after this. */
const LASTS_MS = 5000;

/** A device on which a user types in a chat. */
export interface Typist {
  readonly chatId: ChatId;
  readonly userId: UserId;
  readonly deviceId: DeviceId;
}

/** Gets what the others in a chat are to be told, and who of them is not. */
export interface TypingSink {
  typing(typing: Typing, exceptUserIds: readonly UserId[]): void;
  stopTyping(typing: Typing, exceptUserIds: readonly UserId[]): void;
}

/** A start that is not permitted yet, or of which it is not known yet who is not told. */
interface Intent extends Pick<Typist, 'deviceId'> {
  /** Between whom and the user a block came meanwhile: it may be too young for the answer. */
  readonly blockedIds: Set<UserId>;
}

/** What one user does in one chat, on all of his devices. */
interface ChatTyping {
  /** Until when each device types. */
  readonly devices: Map<DeviceId, number>;
  readonly intents: Set<Intent>;
  /** Who is told neither that he types nor that he stops. */
  exceptUserIds: readonly UserId[];
  /** Who is told no more that he types, since a block came between; but that he stops, where he was told before. */
  readonly blockedIds: Set<UserId>;
  /** A start came of which the others were not told. */
  isDue: boolean;
  /** The others see him typing. */
  isShown: boolean;
  toldAt: number;
  timer?: NodeJS.Timeout;
}

/**
 * Who types where, merged over the devices of each user. It keeps a user's chat for as long as he types in it, and at
 * most for the 2 s after in which the others are not told again.
 */
export class TypingTracker {
  private readonly users = new Map<UserId, Map<ChatId, ChatTyping>>();

  constructor(private readonly sink: TypingSink) {}

  /** How many chats are kept, each once for everybody who types in it. */
  get size(): number {
    return [...this.users.values()].reduce((sum, chats) => sum + chats.size, 0);
  }

  /**
   * Begins or goes on when `permission` resolves, unless it was ended since: a stop or a message that came later is not
   * undone by a start that took longer.
   *
   * @param findBlocked Asks who is not told (BLOCK-1). A repeat goes to those who were told of the start, so it asks nobody.
   * @returns Whether he types now: not where it was ended meanwhile.
   * @throws what `permission` and `findBlocked` reject with.
   */
  async start(
    typist: Typist,
    permission: Promise<unknown>,
    findBlocked: () => Promise<readonly UserId[]>,
  ): Promise<boolean> {
    const { userId, chatId, deviceId } = typist;
    const typing = this.keep(userId, chatId);
    const intent: Intent = { deviceId, blockedIds: new Set() };
    typing.intents.add(intent);
    try {
      await permission;
      const blockedIds = typing.isShown ? [] : await findBlocked();
      if (!typing.intents.has(intent)) return false;
      typing.devices.set(deviceId, performance.now() + LASTS_MS);
      typing.isDue = true;
      if (!typing.isShown) {
        typing.exceptUserIds = [...blockedIds, ...intent.blockedIds];
        typing.blockedIds.clear();
      }
      return true;
    } finally {
      typing.intents.delete(intent);
      this.settle(userId, chatId, typing);
    }
  }

  /** Ends it on one device; while he types on another it goes on. */
  stop({ userId, chatId, deviceId }: Typist): void {
    const typing = this.users.get(userId)?.get(chatId);
    if (typing) this.end(userId, chatId, typing, deviceId);
  }

  /** Ends it on all of a user's devices in one chat. */
  stopChat({ userId, chatId }: Typing): void {
    const typing = this.users.get(userId)?.get(chatId);
    if (typing) this.end(userId, chatId, typing);
  }

  /** Ends it on one device in all chats. */
  stopDevice({ userId, deviceId }: Omit<Typist, 'chatId'>): void {
    for (const [chatId, typing] of this.users.get(userId) ?? []) {
      this.end(userId, chatId, typing, deviceId);
    }
  }

  /** A block came between two users (BLOCK-1). */
  block(one: UserId, other: UserId): void {
    this.blockFor(one, other);
    this.blockFor(other, one);
  }

  /** Forgets everything and tells nobody. */
  clear(): void {
    for (const chats of this.users.values()) {
      for (const { timer, intents } of chats.values()) {
        clearTimeout(timer);
        intents.clear();
      }
    }
    this.users.clear();
  }

  private blockFor(userId: UserId, other: UserId): void {
    for (const typing of this.users.get(userId)?.values() ?? []) {
      for (const { blockedIds } of [typing, ...typing.intents]) blockedIds.add(other);
    }
  }

  private keep(userId: UserId, chatId: ChatId): ChatTyping {
    const chats = this.users.get(userId) ?? new Map<ChatId, ChatTyping>();
    this.users.set(userId, chats);
    const typing: ChatTyping = chats.get(chatId) ?? {
      devices: new Map(),
      intents: new Set(),
      exceptUserIds: [],
      blockedIds: new Set(),
      isDue: false,
      isShown: false,
      toldAt: Number.NEGATIVE_INFINITY,
    };
    chats.set(chatId, typing);
    return typing;
  }

  private forget(userId: UserId, chatId: ChatId): void {
    const chats = this.users.get(userId);
    chats?.delete(chatId);
    if (chats?.size === 0) this.users.delete(userId);
  }

  private end(userId: UserId, chatId: ChatId, typing: ChatTyping, deviceId?: DeviceId): void {
    if (deviceId === undefined) typing.devices.clear();
    else typing.devices.delete(deviceId);
    for (const intent of typing.intents) {
      if (deviceId === undefined || intent.deviceId === deviceId) typing.intents.delete(intent);
    }
    this.settle(userId, chatId, typing);
  }

  /** Tells what there is to tell by now, and comes back when the next thing is due. */
  private settle(userId: UserId, chatId: ChatId, typing: ChatTyping): void {
    clearTimeout(typing.timer);
    const now = performance.now();
    for (const [deviceId, until] of typing.devices) {
      if (until <= now) typing.devices.delete(deviceId);
    }
    const isQuiet = now < typing.toldAt + REPEAT_MS;
    if (typing.devices.size === 0) {
      typing.isDue = false;
      if (typing.isShown) this.sink.stopTyping({ chatId, userId }, typing.exceptUserIds);
      typing.isShown = false;
      if (!isQuiet) {
        if (typing.intents.size === 0) this.forget(userId, chatId);
        return;
      }
    } else if (typing.isDue && !isQuiet) {
      typing.toldAt = now;
      // Who is not told of it now need not be told of its end.
      if (!typing.isShown) typing.exceptUserIds = exceptOf(typing);
      this.sink.typing({ chatId, userId }, exceptOf(typing));
      typing.isShown = true;
    }
    // Of a repeat that came too early nobody has to know; a new start waits for its time.
    if (typing.isShown) typing.isDue = false;
    const nextAt = typing.isShown
      ? Math.max(...typing.devices.values())
      : typing.toldAt + REPEAT_MS;
    typing.timer = setTimeout(() => this.settle(userId, chatId, typing), nextAt - now);
  }
}

function exceptOf({ exceptUserIds, blockedIds }: ChatTyping): UserId[] {
  return [...exceptUserIds, ...blockedIds];
}
