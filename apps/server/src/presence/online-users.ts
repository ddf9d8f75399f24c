import type { UserId } from '@natter/protocol';

/** A user whose last socket was closed stays online for this long (PRES-1). */
const GRACE_MS = 5000;

/** The name of this node among those on which somebody may be online. */
const HERE = 'here';

interface Presence {
  /** The nodes that he is connected to. */
  readonly nodes: Set<string>;
  leftAt?: Date | undefined;
  grace?: NodeJS.Timeout;
  isOver: boolean;
}

/** Who is online, over all nodes that this one hears of. */
export class OnlineUsers {
  private readonly users = new Map<UserId, Presence>();
  private readonly listeners: ((userId: UserId) => void)[] = [];
  private isClosed = false;

  /** The listener gets whoever came online, and whoever is gone for longer than the grace. */
  subscribe(listener: (userId: UserId) => void): void {
    this.listeners.push(listener);
  }

  /** From the first socket to the release. */
  has(userId: UserId): boolean {
    return this.users.has(userId);
  }

  /** The first socket on a node: on this one, where none is named. */
  arrive(userId: UserId, node = HERE): void {
    if (this.isClosed) return;
    const before = this.users.get(userId);
    clearTimeout(before?.grace);
    this.users.set(userId, { nodes: (before?.nodes ?? new Set()).add(node), isOver: false });
    if (!before) this.notify(userId);
  }

  /** The end of the last socket on a node. On the last node his grace begins. */
  leave(userId: UserId, node = HERE): void {
    if (this.isClosed) return;
    const before = this.users.get(userId);
    if (!before?.nodes.delete(node) || before.nodes.size > 0) return;
    const presence: Presence = { nodes: before.nodes, leftAt: new Date(), isOver: false };
    presence.grace = setTimeout(() => {
      presence.isOver = true;
      this.notify(userId);
    }, GRACE_MS);
    this.users.set(userId, presence);
  }

  /** When a user left whose grace is over and who was not released. */
  goneSince(userId: UserId): Date | undefined {
    const presence = this.users.get(userId);
    return presence?.isOver ? presence.leftAt : undefined;
  }

  /** Lets go of a user who left at `leftAt`, unless he has come back since. */
  release(userId: UserId, leftAt: Date): void {
    if (this.goneSince(userId) === leftAt) this.users.delete(userId);
  }

  /** Ends it without telling anybody, and returns everybody who was online here, and until when. */
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
