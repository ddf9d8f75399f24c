import type { ChatId, UserId } from '@natter/protocol';
import type { Clock } from '../clock.js';
import {
  applyEvent,
  applySnapshot,
  type ChatState,
  type ClientState,
  dropExpired,
  nextExpiry,
} from '../core/index.js';
import { newestMessage } from '../core/views.js';
import { newId } from '../ids.js';
import type { Brain } from './brain.js';
import type { Hub } from './hub.js';
import type { Request } from './read-snapshot.js';

/** What changes in one go is looked at once. */
const PATIENCE_MS = 50;
/** The server ends a typing by itself after 5 s (TYP-1); this one is for when that does not come. */
const TYPING_MS = 8000;
/** As many as one request may name. */
const USERS = 100;
/** Those to refresh after a connection: whoever was met last. */
const MOST_REFRESHED = 500;
/** The longest that a timer can take. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Asks for what no event tells, and tells the server what has come: names of newcomers, counts that cannot be known,
 * what has expired, who is online after a pause, and how far messages were delivered.
 */
export class Upkeep {
  private unsubscribe: (() => void) | undefined;
  private cancel: (() => void) | undefined;
  private cancelExpiry: (() => void) | undefined;
  private readonly typing = new Map<string, () => void>();
  private readonly checked = new Map<ChatId, ChatState>();
  private readonly asked = new Set<string>();

  constructor(
    private readonly hub: Hub,
    private readonly request: Request,
    private readonly clock: Clock,
    private readonly brain: Pick<Brain, 'order' | 'loadUsers'>,
  ) {}

  /** The client is up to date, by a new connection. */
  start(): void {
    this.checked.clear();
    this.asked.clear();
    this.unsubscribe = this.hub.subscribe(() => this.schedule());
    this.schedule();
    void this.refreshPeople();
  }

  stop(): void {
    this.unsubscribe?.();
    this.cancel?.();
    this.cancelExpiry?.();
    this.cancel = undefined;
    for (const end of this.typing.values()) end();
    this.typing.clear();
    // Who types was told by the connection that is gone.
    this.hub.updateState((state) =>
      state.typing.size === 0 ? state : { ...state, typing: new Map() },
    );
  }

  private schedule(): void {
    this.cancel ??= this.clock.after(PATIENCE_MS, () => {
      this.cancel = undefined;
      this.look();
    });
  }

  private look(): void {
    this.hub.updateState((state) => dropExpired(state, new Date(this.clock.now()).toISOString()));
    const { state } = this.hub.getSnapshot();
    if (!state) return;
    this.watchExpiry(state);
    this.watchTyping(state);
    const unknown = new Set<UserId>();
    for (const chat of state.chats.values()) {
      const before = this.checked.get(chat.id);
      if (before === chat) continue;
      this.checked.set(chat.id, chat);
      // Marks move with each message; who comes without a name comes by an entry.
      const isSameCompany = before?.factsSeq === chat.factsSeq;
      for (const id of isSameCompany ? [] : chat.members.keys()) {
        if (!state.users.has(id)) unknown.add(id);
      }
      this.tellDelivered(chat, state.me);
      this.complete(chat);
    }
    if (unknown.size > 0) void this.meet([...unknown]);
  }

  private watchExpiry(state: ClientState): void {
    this.cancelExpiry?.();
    const next = nextExpiry(state);
    if (next === undefined) return;
    const delayMs = Math.min(LONGEST_MS, Math.max(0, Date.parse(next) - this.clock.now()) + 1);
    this.cancelExpiry = this.clock.after(delayMs, () => this.schedule());
  }

  private watchTyping({ typing }: ClientState): void {
    const now = new Set<string>();
    for (const [chatId, users] of typing) {
      for (const userId of users) {
        const key = `${chatId}/${userId}`;
        now.add(key);
        if (this.typing.has(key)) continue;
        const end = this.clock.after(TYPING_MS, () => {
          this.typing.delete(key);
          this.hub.updateState((state) =>
            applyEvent(state, { event: 'stopTyping', payload: { chatId, userId } }),
          );
        });
        this.typing.set(key, end);
      }
    }
    for (const [key, end] of this.typing) {
      if (now.has(key)) continue;
      end();
      this.typing.delete(key);
    }
  }

  private tellDelivered(chat: ChatState, me: UserId): void {
    const last = newestMessage(chat);
    if (!last || last.senderId === me || last.seq <= chat.me.deliveredSeq) return;
    const input = { chatId: chat.id, seq: chat.lastSeq, messageId: undefined };
    this.brain.order({
      id: newId(),
      operation: { command: 'messageDelivered', input },
      chatId: chat.id,
      lane: `delivered/${chat.id}`,
    });
  }

  /** Asks for a chat of which the count or the last message cannot be told from what is loaded. */
  private complete(chat: ChatState): void {
    const isComplete = chat.loadedFrom === 1 || newestMessage(chat) !== undefined;
    if (isComplete && chat.unreadBelow !== undefined) return;
    const key = `${chat.id}/${chat.lastSeq}/${chat.me.seenSeq}/${chat.hidden.size}`;
    void this.once(key, async () => {
      const now = await this.request('getChat', { params: { id: chat.id } });
      this.hub.updateState((state) => applySnapshot(state, { chats: [now] }));
    });
  }

  private async meet(ids: readonly UserId[]): Promise<void> {
    for (let from = 0; from < ids.length; from += USERS) {
      const some = ids.slice(from, from + USERS);
      await this.once(some.join(), () => this.brain.loadUsers(some));
    }
  }

  /** Names and presence are told to those who are connected alone. */
  private async refreshPeople(): Promise<void> {
    const { state } = this.hub.getSnapshot();
    if (!state) return;
    await this.meet([...state.presence.keys()].slice(-MOST_REFRESHED));
  }

  /** Asks once for the same thing; what failed is asked again by the next connection. */
  private async once(key: string, ask: () => Promise<void>): Promise<void> {
    if (this.asked.has(key)) return;
    this.asked.add(key);
    await ask().catch(() => undefined);
  }
}
