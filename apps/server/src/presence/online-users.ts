import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';

/** A user whose last socket was closed stays online for this long (PRES-1). */
const GRACE_MS = 5000;

/** Who is online, over all nodes. */
export abstract class OnlineUsers {
  /** The listener gets whoever came online, and whoever is gone for longer than the grace. */
  abstract subscribe(listener: (userId: UserId) => void): void;
  /** From the first socket to the release. */
  abstract has(userId: UserId): boolean;
  /** The first socket on this node. */
  abstract arrive(userId: UserId): void;
  /** The end of the last socket on this node. */
  abstract leave(userId: UserId): void;
  /** When a user left whose grace is over and who was not released. */
  abstract goneSince(userId: UserId): Date | undefined;
  /** Lets go of a user who left at `leftAt`, unless he has come back since. */
  abstract release(userId: UserId, leftAt: Date): void;
  /** Ends it without telling anybody, and returns everybody who was online here, and until when. */
  abstract close(): ReadonlyMap<UserId, Date>;
}

/** The name of this node among those on which somebody may be online. */
const HERE = 'here';

interface Presence {
  /** The nodes that he is connected to. */
  readonly nodes: Set<string>;
  leftAt?: Date | undefined;
  grace?: NodeJS.Timeout;
  isOver: boolean;
}

/** Who is online on a single node, or on those that a node hears of. */
@Injectable()
export class InProcessOnlineUsers extends OnlineUsers {
  private readonly users = new Map<UserId, Presence>();
  private readonly listeners: ((userId: UserId) => void)[] = [];
  private isClosed = false;

  subscribe(listener: (userId: UserId) => void): void {
    this.listeners.push(listener);
  }

  has(userId: UserId): boolean {
    return this.users.has(userId);
  }

  arrive(userId: UserId): void {
    if (this.isClosed) return;
    this.enter(userId, HERE);
  }

  leave(userId: UserId): void {
    if (this.isClosed) return;
    this.exit(userId, HERE, new Date());
  }

  protected enter(userId: UserId, node: string): void {
    const before = this.users.get(userId);
    clearTimeout(before?.grace);
    this.users.set(userId, { nodes: (before?.nodes ?? new Set()).add(node), isOver: false });
    if (!before) this.notify(userId);
  }

  /** Ends it on one node; on the last one his grace begins. */
  protected exit(userId: UserId, node: string, leftAt: Date): void {
    const before = this.users.get(userId);
    if (!before?.nodes.delete(node) || before.nodes.size > 0) return;
    const presence: Presence = { nodes: before.nodes, leftAt, isOver: false };
    presence.grace = setTimeout(() => {
      presence.isOver = true;
      this.notify(userId);
    }, GRACE_MS);
    this.users.set(userId, presence);
  }

  goneSince(userId: UserId): Date | undefined {
    const presence = this.users.get(userId);
    return presence?.isOver ? presence.leftAt : undefined;
  }

  release(userId: UserId, leftAt: Date): void {
    if (this.goneSince(userId) === leftAt) this.users.delete(userId);
  }

  /** Everybody who is connected to this node. */
  protected usersHere(): UserId[] {
    return [...this.users].flatMap(([userId, { nodes }]) => (nodes.has(HERE) ? [userId] : []));
  }

  close(): ReadonlyMap<UserId, Date> {
    this.isClosed = true;
    const now = new Date();
    for (const { grace } of this.users.values()) clearTimeout(grace);
    // Who is connected elsewhere alone is the business of that node.
    const own = [...this.users].filter(([, { nodes, leftAt }]) => leftAt ?? nodes.has(HERE));
    return new Map(own.map(([userId, { leftAt }]) => [userId, leftAt ?? now]));
  }

  private notify(userId: UserId): void {
    for (const listener of this.listeners) listener(userId);
  }
}
