import type { ChatEntry, MessageStatusUpdated, User, UserEntry } from '@natter/protocol';
import type { Clock } from '../clock.js';
import type { ConnectionEvents } from '../transport/connection.js';
import { FakeChat, newUser, refuse } from './fake-chats.js';
import { FakeMedia } from './fake-media.js';

/** What `sync` brings. */
type Told =
  | ChatEntry
  | UserEntry
  | { readonly event: 'messageStatusUpdated'; readonly payload: MessageStatusUpdated };

export interface FakeConnection {
  readonly user: User;
  readonly events: ConnectionEvents;
  isOpen: boolean;
}

/** What a fake server knows and tells: users, chats, connections, and all that has happened in its order. */
export class FakeWorld {
  readonly users = new Map<string, User>();
  readonly chats: FakeChat[] = [];
  readonly connections = new Set<FakeConnection>();
  readonly media = new FakeMedia(this);
  private readonly told: { readonly event: Told; readonly to: ReadonlySet<string> }[] = [];
  private readonly userSeqs = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  addUser(username: string): User {
    const user = newUser(username, this.now());
    this.users.set(user.id, user);
    return user;
  }

  addChat(members: readonly User[], title?: string): FakeChat {
    const chat = new FakeChat(title === undefined ? 'direct' : 'group', title, members, this.now());
    this.chats.push(chat);
    for (const user of members) {
      const userSeq = (this.userSeqs.get(user.id) ?? 0) + 1;
      this.userSeqs.set(user.id, userSeq);
      this.tell({ event: 'chatAdded', payload: { userSeq, chat: chat.view(user) } }, [user]);
    }
    return chat;
  }

  chatsOf({ id }: User): FakeChat[] {
    return this.chats.filter(({ members }) => members.some((member) => member.id === id));
  }

  /** A chat as one of its members names it. */
  chatOf(id: string, user: User): FakeChat {
    return this.chatsOf(user).find((chat) => chat.id === id) ?? refuse('NOT_FOUND');
  }

  /** Tells what stays to be read by `sync`, and to those who are connected at once. */
  tell(event: Told | undefined, members: readonly User[], except?: FakeConnection): void {
    if (!event) return;
    const to = new Set(members.map(({ id }) => id.toString()));
    this.told.push({ event, to });
    for (const connection of this.connections) {
      if (connection !== except && to.has(connection.user.id)) connection.events.event(event);
    }
  }

  /** Tells what is of this moment alone. */
  signal(event: 'typing' | 'stopTyping', chat: FakeChat, from: User): void {
    const payload = { chatId: chat.id, userId: from.id };
    for (const { user, events } of this.connections) {
      if (user.id !== from.id && chat.members.includes(user)) events.event({ event, payload });
    }
  }

  /** A page of what a user was told after the first `start` things that happened. */
  toldSince(
    user: User,
    start: number,
    limit: number,
  ): { readonly entries: Told[]; readonly next: number; readonly hasMore: boolean } {
    const page = this.told.slice(start, start + limit);
    const entries = page.filter(({ to }) => to.has(user.id)).map(({ event }) => event);
    const next = start + page.length;
    return { entries, next, hasMore: next < this.told.length };
  }

  /** How much has happened. */
  get size(): number {
    return this.told.length;
  }
}
