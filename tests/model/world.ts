/**
 * The plain model: what the rules of docs/protocol.md say there is. Everything has a name instead of an id: users `u0`,
 * devices `u0d1`, chats `c0`, messages `c0/3` by chat and `seq`, client ids `k0`.
 */
export type Role = 'owner' | 'admin' | 'member';

export interface Content {
  text?: string;
  mentions?: readonly string[];
  encrypted?: unknown;
}

export interface Message extends Content {
  readonly name: string;
  readonly chat: Chat;
  readonly seq: number;
  readonly kind: 'text' | 'encrypted' | 'system';
  readonly sender: string;
  readonly device?: string;
  readonly clientId?: string;
  readonly system?: unknown;
  replyTo?: Message;
  forwarded: boolean;
  /** For how long it lives (MSG-7), as its `expiresAt` and `createdAt` say. */
  ttlMs?: number;
  expired: boolean;
  edited: boolean;
  deleted: boolean;
  /** When it was pinned, by the model's clock. */
  pinnedAt?: number;
  reactions: { readonly user: string; readonly emoji: string }[];
  readonly hiddenFrom: Set<string>;
  /** Of those, who blocked the sender: to them it was never delivered (BLOCK-1). */
  readonly silencedFor: Set<string>;
  /** When it was starred, by whom. */
  readonly starredBy: Map<string, number>;
}

export type Happening =
  | 'messageEdited'
  | 'messageDeleted'
  | 'reactionChanged'
  | 'messagePinned'
  | 'messageUnpinned';

export interface Entry {
  readonly seq: number;
  readonly event: 'message' | Happening;
  readonly message: Message;
  readonly actor: string;
  readonly emoji?: string;
  readonly added?: boolean;
}

export interface Draft {
  readonly text: string;
  readonly replyTo?: Message;
}

/** Marks, whether each was ever moved since the joining, and when that was last told. */
export interface Marks {
  readonly delivered: number;
  readonly seen: number;
  readonly deliveredMoved: boolean;
  readonly seenMoved: boolean;
  readonly toldAt: number;
}

export interface Member {
  role: Role;
  readonly joinedSeq: number;
  delivered: number;
  seen: number;
  /** Whether each mark was ever moved since the joining, and when that was last told to others. */
  deliveredMoved: boolean;
  seenMoved: boolean;
  toldAt: number;
  /** What the other sees of them while one of the two blocks the other, and after it until they move (BLOCK-1). */
  shown?: Marks;
  cleared: number;
  markedUnread: boolean;
  pinnedAt?: number;
  archived: boolean;
  draft?: Draft;
}

export interface Settings {
  readonly send: 'all' | 'admins';
  readonly addMembers: 'all' | 'admins';
  readonly editInfo: 'all' | 'admins';
}

export interface Chat {
  readonly name: string;
  readonly type: 'direct' | 'group';
  readonly createdBy: string;
  readonly clientChatId?: string;
  title?: string;
  description?: string;
  visibility: 'private' | 'public';
  settings: Settings;
  messageTtlMs?: number;
  invite?: string;
  readonly members: Map<string, Member>;
  readonly entries: Entry[];
  /** On which devices each user types, as far as he has ended it himself: that 5 s do so is left out. */
  readonly typing: Map<string, Set<string>>;
  /** Who has ever begun to type. */
  readonly typed: Set<string>;
}

/** An event of a user's own stream. */
export interface OwnEvent {
  readonly userSeq: number;
  readonly event: string;
  readonly chat?: Chat;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface User {
  readonly name: string;
  showsSeen: boolean;
  addToGroups: 'all' | 'contacts';
  /** When each was blocked, by the model's clock. */
  readonly blocks: Map<string, number>;
  readonly events: OwnEvent[];
  /** The `userSeq` before the first of `events`. */
  readonly firstSeq: number;
}

/** What a device knows from before it was cut off. */
export interface Position {
  readonly at: number;
  readonly userSeq: number;
  readonly seqs: ReadonlyMap<Chat, number>;
}

export interface Device {
  readonly name: string;
  readonly user: string;
  connected: boolean;
  revoked: boolean;
  /** Where its cursor stands. */
  position: Position;
}

/** One send and what it named, for repeating it. */
export interface Send {
  readonly user: string;
  readonly chats: readonly Chat[];
  readonly clientIds: readonly string[];
  readonly input: Content & { readonly replyTo?: Message; readonly source?: Message };
  readonly messages: readonly Message[];
}

export class World {
  readonly users = new Map<string, User>();
  readonly devices = new Map<string, Device>();
  readonly chats: Chat[] = [];
  readonly sends: Send[] = [];
  /** Counts what happens, so that it has an order. */
  clock = 0;
  private clientIds = 0;

  freshClientId(): string {
    this.clientIds += 1;
    return `k${this.clientIds}`;
  }

  user(name: string): User {
    const user = this.users.get(name);
    if (!user) throw new Error(`The model has no user ${name}`);
    return user;
  }

  devicesOf(user: string): Device[] {
    return [...this.devices.values()].filter((device) => device.user === user);
  }

  chatsOf(user: string): Chat[] {
    return this.chats.filter((chat) => chat.members.has(user));
  }

  blocks(user: string, other: string): boolean {
    return this.user(user).blocks.has(other);
  }

  /** Whether one of two users blocks the other. */
  isBlocked(user: string, other: string): boolean {
    return this.blocks(user, other) || this.blocks(other, user);
  }

  /** The end of its last socket (TYP-1). */
  stopTypingOn(device: string): void {
    for (const { typing } of this.chats)
      for (const devices of typing.values()) devices.delete(device);
  }

  /** Where a device stands that knows everything. */
  positionOf(user: string): Position {
    return {
      at: this.clock,
      userSeq: lastUserSeq(this.user(user)),
      seqs: new Map(this.chatsOf(user).map((chat) => [chat, lastSeq(chat)])),
    };
  }
}

export function lastUserSeq({ firstSeq, events }: User): number {
  return firstSeq + events.length;
}

/** The other of the two of a direct chat. */
export function otherOf({ type, members }: Chat, user: string): string | undefined {
  return type === 'direct' ? [...members.keys()].find((member) => member !== user) : undefined;
}

/** What a reader is to know of a member's marks, but for privacy. */
export function marksOf(member: Member, isOwn: boolean): Marks {
  return isOwn ? member : (member.shown ?? member);
}

export function lastSeq(chat: Chat): number {
  return chat.entries.length;
}

export function messagesOf(chat: Chat): Message[] {
  return chat.entries.flatMap(({ event, message }) => (event === 'message' ? [message] : []));
}

export function memberOf(chat: Chat, user: string): Member {
  const member = chat.members.get(user);
  if (!member) throw new Error(`The model has no ${user} in ${chat.name}`);
  return member;
}

/** Hidden or cleared (MSG-4), or of somebody blocked (BLOCK-1). */
export function isHidden(message: Message, reader: string): boolean {
  const cleared = message.chat.members.get(reader)?.cleared ?? 0;
  return message.seq <= cleared || message.hiddenFrom.has(reader);
}

/** Neither hidden nor over (MSG-7); whether the reader is a member is another question. */
export function isVisible(message: Message, reader: string): boolean {
  return !message.expired && !isHidden(message, reader);
}

export function canSee(message: Message, reader: string): boolean {
  return message.chat.members.has(reader) && isVisible(message, reader);
}
