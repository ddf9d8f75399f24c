import { silencedFor } from './rights.js';
import { entryView, hidesSeen, ownEventView, TIME, type View } from './views.js';
import {
  type Chat,
  type Content,
  type Entry,
  type Happening,
  lastSeq,
  lastUserSeq,
  memberOf,
  otherOf,
  type Message,
  type World,
} from './world.js';

/** An event that a device must get. */
export interface ExpectedEvent {
  readonly event: string;
  readonly payload: View;
}

interface NewMessage extends Content {
  readonly kind: Message['kind'];
  readonly sender: string;
  readonly device?: string;
  readonly clientId?: string;
  readonly system?: unknown;
  readonly replyTo?: Message;
  readonly forwarded?: boolean;
}

/** What one command does to the model, and which events of it each connected device must get (FAN-1). */
export class Step {
  readonly touched = new Set<Chat>();
  /** Who begins to type, or says so again; whether it is the first time in the chat. */
  typed?: { readonly chat: Chat; readonly user: string; readonly isFirst: boolean };
  private readonly events: { device: string; make: () => ExpectedEvent | undefined }[] = [];

  /** @param via The device whose socket sent the command: it has the acknowledgement. */
  constructor(
    private readonly world: World,
    private readonly via: string | undefined,
  ) {
    world.clock += 1;
  }

  /** What must come, for each connected device; with the content of the moment in which this is asked. */
  expected(): Map<string, ExpectedEvent[]> {
    const connected = [...this.world.devices.values()].filter(({ connected }) => connected);
    return new Map(
      connected.map(({ name }) => [
        name,
        this.events.flatMap(({ device, make }) => (device === name ? (make() ?? []) : [])),
      ]),
    );
  }

  /** @param joining Who learns from this message alone that he joins, and so does not get it. */
  message(chat: Chat, message: NewMessage, joining: readonly string[] = []): Message {
    const seq = lastSeq(chat) + 1;
    const appended: Message = {
      forwarded: false,
      ...(message.kind !== 'system' &&
        chat.messageTtlMs !== undefined && { ttlMs: chat.messageTtlMs }),
      ...message,
      name: `${chat.name}/${seq}`,
      chat,
      seq,
      expired: false,
      edited: false,
      deleted: false,
      reactions: [],
      hiddenFrom: new Set(),
      silencedFor: new Set(),
      starredBy: new Map(),
    };
    const silenced = silencedFor(this.world, chat, message.sender);
    if (silenced !== undefined) {
      appended.hiddenFrom.add(silenced);
      appended.silencedFor.add(silenced);
    }
    this.append(chat, { seq, event: 'message', message: appended, actor: message.sender }, joining);
    return appended;
  }

  system(chat: Chat, sender: string, system: unknown, joining: readonly string[] = []): Message {
    return this.message(chat, { kind: 'system', sender, system }, joining);
  }

  /** Something that happened to a message. Resolves with its `seq`. */
  happened(
    message: Message,
    event: Happening,
    actor: string,
    reaction: { emoji?: string; added?: boolean } = {},
  ): number {
    const seq = lastSeq(message.chat) + 1;
    this.append(message.chat, { seq, event, message, actor, ...reaction }, []);
    return seq;
  }

  /** An event of a user's own stream, to all his devices. Its number. */
  own(user: string, event: string, chat?: Chat, details: Record<string, unknown> = {}): number {
    const { events } = this.world.user(user);
    const userSeq = lastUserSeq(this.world.user(user)) + 1;
    const ownEvent = { userSeq, event, details, ...(chat && { chat }) };
    events.push(ownEvent);
    if (chat) this.touched.add(chat);
    for (const device of this.world.devicesOf(user)) {
      this.expect(device.name, () => ownEventView(this.world, user, ownEvent));
    }
    return userSeq;
  }

  /**
   * Moves marks ahead; those that are not ahead stay (RCPT-1). Who may is told, by what privacy lets him know (RCPT-2).
   *
   * @param isTold Whether that is news: a sender's own message tells by itself that he has seen it.
   */
  mark(chat: Chat, user: string, delivered: number, seen: number, isTold = true): void {
    const member = memberOf(chat, user);
    const before = { delivered: member.delivered, seen: member.seen };
    member.delivered = Math.max(before.delivered, delivered, seen);
    member.seen = Math.max(before.seen, seen);
    if (member.delivered > before.delivered) member.deliveredMoved = true;
    if (member.seen > before.seen) {
      member.seenMoved = true;
      member.markedUnread = false;
    }
    if (member.delivered === before.delivered && member.seen === before.seen) return;
    this.touched.add(chat);
    const isBlocked = this.isBlocked(chat, user);
    // After a block, what moved during it is news too.
    const known = isBlocked ? before : (member.shown ?? before);
    if (!isBlocked) delete member.shown;
    if (!isTold) return;
    member.toldAt = this.world.clock;
    const told = { delivered: member.delivered, seen: member.seen };
    for (const reader of chat.members.keys()) {
      if (isBlocked && reader !== user) continue;
      const showsSeen = !hidesSeen(this.world, user, reader) && told.seen > known.seen;
      const knows = Math.max(known.delivered, showsSeen ? told.seen : 0);
      const updates = [
        ...(told.delivered > knows
          ? [{ userId: user, status: 'delivered', seq: told.delivered }]
          : []),
        ...(showsSeen ? [{ userId: user, status: 'seen', seq: told.seen }] : []),
      ].map((update) => ({ ...update, at: TIME }));
      if (updates.length === 0) continue;
      for (const { name } of this.world.devicesOf(reader)) {
        if (name === this.via) continue;
        const payload = { chatId: chat.name, updates };
        this.expect(name, () => ({ event: 'messageStatusUpdated', payload }));
      }
    }
  }

  /** Whether it is a direct chat of two of whom one blocks the other. */
  private isBlocked(chat: Chat, user: string): boolean {
    const other = otherOf(chat, user);
    return other !== undefined && this.world.isBlocked(user, other);
  }

  private append(chat: Chat, entry: Entry, joining: readonly string[]): void {
    chat.entries.push(entry);
    this.touched.add(chat);
    for (const reader of chat.members.keys()) {
      if (joining.includes(reader)) continue;
      for (const { name } of this.world.devicesOf(reader)) {
        if (name === this.via) continue;
        this.expect(name, () => entryView(entry, reader, true));
      }
    }
  }

  private expect(device: string, make: () => ExpectedEvent | undefined): void {
    this.events.push({ device, make });
  }
}
