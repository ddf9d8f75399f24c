import { UserId } from '@natter/protocol';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import * as z from 'zod/mini';
import type { Relay } from '../relay/relay.js';
import { InProcessOnlineUsers } from './online-users.js';

/** Who comes and goes within this is told together. */
const GATHER_MS = 20;
const HEARTBEAT_MS = 5000;
/** A node that was not heard of for this long is dead, and nobody is online on it. */
const EXPIRY_MS = 30_000;

const UserIds = z.array(UserId);
const Version = z.int().check(z.nonnegative());
const OnlineMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('moved'), version: Version, came: UserIds, left: UserIds }),
  z.object({ kind: z.literal('alive'), version: Version }),
  z.object({ kind: z.literal('ask'), node: z.string() }),
  z.object({ kind: z.literal('all'), version: Version, userIds: UserIds }),
  z.object({ kind: z.literal('bye') }),
]);
/** What nodes tell each other of who is online. */
type OnlineMessage = z.output<typeof OnlineMessage>;

/** Another node, as far as it was heard of. */
interface Peer {
  /** Of the last `moved` that everything before it was heard of, too; absent before the first `all`. */
  version: number | undefined;
  heardAt: number;
  users: Set<UserId>;
}

/**
 * Who is online on all nodes. Each tells the others who comes and goes, by numbered messages; who misses one asks for all.
 * A node that falls silent is dead after half a minute, but nobody is while the relay is unwell: then who is online stays
 * as it was last heard, and is set right when it is back.
 */
@Injectable()
export class RelayedOnlineUsers extends InProcessOnlineUsers implements OnApplicationBootstrap {
  private version = 0;
  /** Who came, or left, and of whom the others were not told. */
  private untold = new Map<UserId, 'came' | 'left'>();
  private gathering: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private readonly peers = new Map<string, Peer>();
  private healthySince = 0;
  private hasLeft = false;

  constructor(private readonly relay: Relay) {
    super();
  }

  onApplicationBootstrap(): void {
    this.relay.subscribe('online', (message, from) => this.hear(message, from));
    this.relay.subscribeToHealth((isHealthy) => {
      this.healthySince = performance.now();
      if (isHealthy) this.tell({ kind: 'alive', version: this.version });
    });
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.tell({ kind: 'alive', version: this.version });
  }

  override arrive(userId: UserId): void {
    super.arrive(userId);
    this.gather(userId, 'came');
  }

  override leave(userId: UserId): void {
    super.leave(userId);
    this.gather(userId, 'left');
  }

  override close(): ReadonlyMap<UserId, Date> {
    clearInterval(this.heartbeat);
    clearTimeout(this.gathering);
    this.hasLeft = true;
    this.tell({ kind: 'bye' });
    return super.close();
  }

  private gather(userId: UserId, move: 'came' | 'left'): void {
    if (this.hasLeft) return;
    this.untold.set(userId, move);
    this.gathering ??= setTimeout(() => this.tellMoves(), GATHER_MS);
  }

  private tellMoves(): void {
    this.gathering = undefined;
    const moves = [...this.untold];
    this.untold = new Map();
    const of = (wanted: 'came' | 'left') =>
      moves.flatMap(([userId, move]) => (move === wanted ? [userId] : []));
    this.version += 1;
    this.tell({ kind: 'moved', version: this.version, came: of('came'), left: of('left') });
  }

  private tell(message: OnlineMessage): void {
    this.relay.send('online', message);
  }

  private beat(): void {
    this.tell({ kind: 'alive', version: this.version });
    if (!this.relay.isHealthy) return;
    const now = performance.now();
    for (const [node, peer] of this.peers) {
      if (now - Math.max(peer.heardAt, this.healthySince) > EXPIRY_MS) this.forget(node, peer);
    }
  }

  private hear(message: unknown, from: string): void {
    const { data: heard } = z.safeParse(OnlineMessage, message);
    if (!heard) return;
    const peer = this.peers.get(from) ?? { version: undefined, heardAt: 0, users: new Set() };
    peer.heardAt = performance.now();
    this.peers.set(from, peer);
    switch (heard.kind) {
      case 'moved':
        this.move(from, peer, heard.came, heard.left);
        if (heard.version - 1 === peer.version) peer.version = heard.version;
        else this.tell({ kind: 'ask', node: from });
        break;
      case 'alive':
        if (heard.version !== peer.version) this.tell({ kind: 'ask', node: from });
        break;
      case 'ask':
        if (heard.node === this.relay.nodeId) this.tellAll();
        break;
      case 'all': {
        const all = new Set(heard.userIds);
        this.move(
          from,
          peer,
          heard.userIds,
          [...peer.users].filter((userId) => !all.has(userId)),
        );
        peer.version = heard.version;
        break;
      }
      case 'bye':
        this.forget(from, peer);
        break;
    }
  }

  private tellAll(): void {
    clearTimeout(this.gathering);
    if (this.untold.size > 0) this.tellMoves();
    this.tell({ kind: 'all', version: this.version, userIds: this.usersHere() });
  }

  private move(
    node: string,
    { users }: Peer,
    came: readonly UserId[],
    left: readonly UserId[],
  ): void {
    for (const userId of came) {
      if (users.has(userId)) continue;
      users.add(userId);
      this.enter(userId, node);
    }
    for (const userId of left) if (users.delete(userId)) this.exit(userId, node, new Date());
  }

  private forget(node: string, peer: Peer): void {
    this.move(node, peer, [], [...peer.users]);
    this.peers.delete(node);
  }
}
