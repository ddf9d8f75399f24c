import type { ChatId, UserEntry, UserId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import * as z from 'zod/mini';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { NatterError } from '../errors/natter-error.js';
import { LOGGER } from '../logging/logger.js';
import { type Signal, Signals } from '../signals/signals.js';
import { Bus } from '../streams/bus.js';
import {
  ArrivalDetails,
  type Commit,
  type CommittedChatEntry,
  type CommittedUserEvent,
  type MarkMove,
  SessionDetails,
} from '../streams/commit.js';
import { type StatusNews, StatusUpdatesService } from '../receipts/status-updates.service.js';
import { LogRepository } from '../streams/log.repository.js';
import { Tail } from '../streams/tail.js';
import { UserEntriesService } from '../sync/user-entries.service.js';
import { type Arrival, Arrivals } from './arrivals.js';
import { MarkMoves } from './mark-moves.js';
import { type Memberships, MembershipsRepository } from './memberships.repository.js';
import type { NatterServer, NatterSocket } from './natter-socket.js';
import { deliveriesOf, entryFor } from './deliveries.js';
import { OrderedFeed } from './ordered-feed.js';
import { chatRoom, senderOf, userRoom } from './rooms.js';
import { StatusGatherer } from './status-gatherer.js';

const FILL_PAGE = 200;

/** Tells a socket why, and cuts it. */
function endSession(socket: NatterSocket, { code, message }: NatterError): void {
  socket.emit('sessionEnded', { code, message });
  socket.disconnect(true);
}

/**
 * The one place that emits. It brings committed entries to the sockets of this node, in the order of their streams:
 * the bus makes it fast, the tail makes it certain, the feeds keep the order.
 */
@Injectable()
export class Dispatcher {
  private server: NatterServer | undefined;
  private readonly chatFeeds = new Map<string, OrderedFeed<CommittedChatEntry>>();
  private readonly userFeeds = new Map<string, OrderedFeed<CommittedUserEvent>>();
  private readonly arrivals = new Arrivals();
  private readonly gatherer = new StatusGatherer((userId, payload) =>
    this.emitStatus({ payload, toUserIds: [userId] }),
  );
  private readonly markMoves = new MarkMoves((moves) => this.tellOfMarks(moves));
  /** The last delivery to each user, so that his events stay in order while their content is being read. */
  private readonly deliveries = new Map<UserId, Promise<void>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly bus: Bus,
    private readonly tail: Tail,
    private readonly log: LogRepository,
    private readonly userEntries: UserEntriesService,
    private readonly statusUpdates: StatusUpdatesService,
    private readonly memberships: MembershipsRepository,
    private readonly signals: Signals,
    private readonly clock: DatabaseClock,
  ) {}

  /** Begins to dispatch to the sockets of a server. */
  start(server: NatterServer): void {
    this.server = server;
    server.of('/').adapter.on('delete-room', (room: string) => this.closeUnusedFeed(room));
    this.bus.subscribe((commit) => this.dispatch(commit));
    this.signals.subscribe((signal) => this.signal(signal));
    this.tail.subscribe({
      advanced: ({ chats, users }) => {
        for (const [userId, userSeq] of users)
          this.userFeeds.get(userRoom(userId))?.expect(userSeq);
        for (const [chatId, seq] of chats) this.chatFeeds.get(chatRoom(chatId))?.expect(seq);
      },
      // What was missed cannot be told: the clients reconnect and sync.
      interrupted: () => {
        for (const socket of server.of('/').sockets.values()) socket.conn.close();
      },
    });
  }

  /**
   * Lets a socket receive what concerns its user, from `memberships` on. Its rooms are entered synchronously, so that no
   * entry falls between its acceptance and them; what was committed before is the business of the client's sync.
   */
  attach(socket: NatterSocket, { userSeq, chats }: Memberships): void {
    const { userId } = socket.data.caller;
    const room = userRoom(userId);
    const ownFeed = this.userFeeds.get(room);
    if (ownFeed && ownFeed.last > userSeq) {
      // Another socket of his was told since the memberships were read that he joined, left or was revoked. The client
      // connects again, with memberships of then.
      socket.conn.close();
      return;
    }
    // May end the last socket of his, and with it his feed.
    this.makeRoomFor(userId);
    if (!this.userFeeds.has(room)) this.userFeeds.set(room, this.userFeed(userId, userSeq));
    for (const { chatId, lastSeq } of chats) this.openChatFeed(chatId, lastSeq);
    void socket.join([room, ...chats.map(({ chatId }) => chatRoom(chatId))]);
    void this.catchUp(userId);
  }

  /** Ends the oldest of a user's sockets where he has too many. */
  private makeRoomFor(userId: UserId): void {
    const sockets = this.socketsOf(userId);
    const [oldest] = sockets;
    if (oldest && sockets.length >= this.config.limits.userSockets) {
      endSession(oldest, new NatterError('RATE_LIMITED', 'A newer socket of yours took the place'));
    }
  }

  /** Brings what was committed on the user's own stream after his memberships were read and before he had a feed. */
  private async catchUp(userId: UserId): Promise<void> {
    try {
      const userSeq = await this.memberships.userSeq(userId);
      this.userFeeds.get(userRoom(userId))?.expect(userSeq);
    } catch (error) {
      this.logger.warn({ error, userId }, 'unable to read the stream of a user who connected');
      this.closeSockets(userId);
    }
  }

  /** The clients connect again and sync: the certain way out where a socket may be in the wrong rooms. */
  private closeSockets(userId: UserId): void {
    for (const socket of this.socketsOf(userId)) socket.conn.close();
  }

  /** Ends the sockets whose access token expired longer ago than `graceMs` (AUTH-3). */
  endExpired(graceMs: number): void {
    const limit = this.clock.now() - graceMs;
    for (const socket of this.server?.of('/').sockets.values() ?? []) {
      if (socket.data.caller.session.expiresAt < limit) {
        endSession(
          socket,
          new NatterError('UNAUTHENTICATED', 'The access token expired too long ago'),
        );
      }
    }
  }

  /** Ends a socket that goes on and on over its rates. */
  endFlooding(socket: NatterSocket): void {
    endSession(socket, new NatterError('RATE_LIMITED', 'This socket sent too much for too long'));
  }

  /**
   * Once all sockets are closed: what still waits would be told to nobody, and asks a database that may be gone. What moves
   * from here on concerns nobody.
   */
  stop(): void {
    this.markMoves.drop();
  }

  /** Tells every socket of this node that it is about to be closed, and each another moment to come back within `spreadMs`. */
  announceDraining(spreadMs: number): void {
    for (const socket of this.server?.of('/').sockets.values() ?? []) {
      socket.emit('serverDraining', { reconnectAfterMs: Math.ceil(Math.random() * spreadMs) });
    }
  }

  private dispatch({ userEvents, chatEntries, markMoves }: Commit): void {
    for (const event of userEvents) this.userFeeds.get(userRoom(event.userId))?.offer(event);
    for (const entry of chatEntries) this.chatFeeds.get(chatRoom(entry.chatId))?.offer(entry);
    this.markMoves.add(markMoves.filter((move) => this.concernsAnyone(move)));
  }

  /** Whether there is a socket of this node, but for the sender's, that may have to be told of a mark. */
  private concernsAnyone({ chatId, userId, exceptSocketId }: MarkMove): boolean {
    const rooms = this.server?.of('/').adapter.rooms;
    return [chatRoom(chatId), userRoom(userId)].some((room) => {
      const sockets = rooms?.get(room) ?? new Set<string>();
      const isSenderHere = exceptSocketId !== undefined && sockets.has(exceptSocketId);
      return sockets.size > (isSenderHere ? 1 : 0);
    });
  }

  /** Marks are on no stream: who misses one sees it at his next sync, or when he opens the chat. */
  private async tellOfMarks(moves: readonly MarkMove[]): Promise<void> {
    try {
      for (const news of await this.statusUpdates.newsOf(moves)) this.emitStatus(news);
    } catch (error) {
      this.logger.warn({ error }, 'unable to tell of marks; they are seen at the next sync');
    }
  }

  private emitStatus(news: StatusNews): void {
    const { payload, toMembers, toUserIds = [], exceptUserIds = [] } = news;
    if (news.isGathered) {
      for (const userId of toUserIds) this.gatherer.add(userId, payload);
      return;
    }
    // To whom the chat is still on its way, it comes first: a mark in a chat that he does not know would be lost to him.
    const arriving = this.arrivals
      .usersOf(chatRoom(payload.chatId))
      .filter((userId) => toMembers || toUserIds.includes(userId))
      .filter((userId) => !exceptUserIds.includes(userId));
    const tell = (rooms: readonly string[], exceptRooms: readonly string[]): void => {
      this.server?.local
        .to([...rooms])
        .except([...exceptRooms, ...senderOf(news)])
        .emit('messageStatusUpdated', payload);
    };
    tell(
      [...(toMembers ? [chatRoom(payload.chatId)] : []), ...toUserIds.map(userRoom)],
      [...exceptUserIds, ...arriving].map(userRoom),
    );
    for (const userId of arriving) this.inOrder(userId, async () => tell([userRoom(userId)], []));
  }

  private signal(signal: Signal): void {
    const { event, payload, chatIds, toUserIds = [], exceptUserIds, mayBeLost } = signal;
    // Without any room it would go to every socket there is.
    if (!this.server || chatIds.length + toUserIds.length === 0) return;
    const { local } = this.server;
    const rooms = chatIds.map(chatRoom);
    // Who is being added is a member, and will never get it again.
    const arriving = rooms.flatMap((room) => this.arrivals.usersOf(room));
    (mayBeLost ? local.volatile : local)
      .to([...rooms, ...[...arriving, ...toUserIds].map(userRoom)])
      .except(exceptUserIds.map(userRoom))
      .emit(event, payload);
  }

  private closeFeeds(room: string): void {
    this.chatFeeds.get(room)?.close();
    this.chatFeeds.delete(room);
    this.userFeeds.get(room)?.close();
    this.userFeeds.delete(room);
  }

  private chatFeed(chatId: ChatId, position: number): OrderedFeed<CommittedChatEntry> {
    return new OrderedFeed<CommittedChatEntry>(
      {
        seqOf: (entry) => entry.seq,
        readAfter: (seq) => this.log.chatEntries(chatId, seq, FILL_PAGE),
        emit: (entry) => this.emitChatEntry(entry),
      },
      position,
    );
  }

  private userFeed(userId: UserId, position: number): OrderedFeed<CommittedUserEvent> {
    return new OrderedFeed<CommittedUserEvent>(
      {
        seqOf: (event) => event.userSeq,
        readAfter: (userSeq) => this.log.userEvents(userId, userSeq, FILL_PAGE),
        emit: (event) => {
          this.endSessions(event);
          this.queueUserEvent(event);
        },
      },
      position,
    );
  }

  private emitChatEntry(committed: CommittedChatEntry): void {
    const { chatId, entry } = committed;
    const system = entry.event === 'newMessage' ? entry.payload.system : undefined;
    if (system?.type === 'memberLeft' || system?.type === 'memberRemoved') {
      for (const userId of system.userIds) this.removeFromChat(userId, chatId);
    }
    const arriving = this.arrivals.usersOf(chatRoom(chatId));
    for (const { entry: content, rooms, except } of deliveriesOf(committed, arriving)) {
      this.server?.local
        .to([...rooms])
        .except([...except])
        .emit(content.event, content.payload);
    }
    this.arrivals.note(chatRoom(chatId), committed);
  }

  /** At once, so that nothing above the removal reaches him (G12). */
  private removeFromChat(userId: UserId, chatId: ChatId): void {
    this.server?.local.in(userRoom(userId)).socketsLeave(chatRoom(chatId));
    if (this.userFeeds.has(userRoom(userId))) {
      this.inOrder(userId, () => this.returnIfMember(userId, chatId));
    }
  }

  /** A removal that comes late, after he has joined again, must not keep him out. */
  private async returnIfMember(userId: UserId, chatId: ChatId): Promise<void> {
    const membership = await this.memberships.find(userId, chatId);
    const room = chatRoom(chatId);
    if (!membership || this.arrivals.includes(room, userId)) return;
    this.openChatFeed(chatId, membership.lastSeq);
    this.server?.local.in(userRoom(userId)).socketsJoin(room);
    this.closeUnusedFeed(room);
  }

  /** At once, before anything else is read or sent (AUTH-3, DEV-1). */
  private endSessions({ userId, event, details }: CommittedUserEvent): void {
    if (event !== 'deviceAdded' && event !== 'deviceRevoked') return;
    const { success, data: ended } = z.safeParse(SessionDetails, details);
    if (!success) return;
    // A login ends the sessions of the device before it, a revocation the one that it names, too.
    const last = event === 'deviceRevoked' ? ended.generation : ended.generation - 1;
    for (const socket of this.socketsOf(userId)) {
      const { deviceId, session } = socket.data.caller;
      if (deviceId === ended.deviceId && session.generation <= last) {
        endSession(socket, new NatterError('DEVICE_REVOKED'));
      }
    }
  }

  private queueUserEvent(event: CommittedUserEvent): void {
    const { userId } = event;
    // Before anything is awaited: from here on it keeps what comes in the chat for him.
    const arrival = this.beginArrival(event);
    this.inOrder(userId, () =>
      arrival ? this.deliverChatAdded(event, arrival) : this.deliverUserEvent(event),
    );
  }

  /** Runs what concerns a user one after the other. What fails leaves his sockets in doubt, and so they are closed. */
  private inOrder(userId: UserId, action: () => Promise<void>): void {
    const delivery = (this.deliveries.get(userId) ?? Promise.resolve())
      .then(action)
      .catch((error: unknown) => {
        this.logger.warn({ error, userId }, 'unable to deliver to a user; he connects again');
        this.closeSockets(userId);
      })
      .finally(() => {
        if (this.deliveries.get(userId) === delivery) this.deliveries.delete(userId);
      });
    this.deliveries.set(userId, delivery);
  }

  private beginArrival({
    userId,
    event,
    chatId,
    details,
  }: CommittedUserEvent): Arrival | undefined {
    if (event !== 'chatAdded' || chatId === null) return undefined;
    const { success, data: arrival } = z.safeParse(ArrivalDetails, details);
    const afterSeq = success ? arrival.afterSeq : 0;
    this.openChatFeed(chatId, afterSeq);
    return this.arrivals.add(chatRoom(chatId), userId, afterSeq);
  }

  private async deliverUserEvent(event: CommittedUserEvent): Promise<void> {
    const { userId, chatId } = event;
    if (event.event === 'chatRemoved' && chatId !== null) {
      this.server?.local.in(userRoom(userId)).socketsLeave(chatRoom(chatId));
    }
    const [entry] = await this.userEntries.render({ userId }, [event]);
    this.emitUserEntry(userId, entry);
  }

  /**
   * The sockets enter the chat's room in the same step in which they get its snapshot and what came since the joining,
   * so that nothing falls between.
   */
  private async deliverChatAdded(event: CommittedUserEvent, arrival: Arrival): Promise<void> {
    const { userId } = event;
    try {
      const [entry] = await this.userEntries.render({ userId }, [event]);
      if (!entry || !this.userFeeds.has(userRoom(userId))) return;
      this.server?.local.in(userRoom(userId)).socketsJoin(arrival.room);
      this.emitUserEntry(userId, entry);
      for (const missed of arrival.entries) this.emitMissed(userId, missed);
    } finally {
      this.arrivals.remove(arrival);
      this.closeUnusedFeed(arrival.room);
    }
  }

  private emitMissed(userId: UserId, committed: CommittedChatEntry): void {
    const { event, payload } = entryFor(userId, committed);
    this.server?.local.to(userRoom(userId)).except(senderOf(committed)).emit(event, payload);
  }

  private emitUserEntry(userId: UserId, entry: UserEntry | undefined): void {
    if (entry) this.server?.local.to(userRoom(userId)).emit(entry.event, entry.payload);
  }

  private socketsOf(userId: UserId): NatterSocket[] {
    const namespace = this.server?.of('/');
    const ids = namespace?.adapter.rooms.get(userRoom(userId)) ?? [];
    return [...ids].flatMap((id) => namespace?.sockets.get(id) ?? []);
  }

  private openChatFeed(chatId: ChatId, position: number): void {
    const room = chatRoom(chatId);
    if (!this.chatFeeds.has(room)) this.chatFeeds.set(room, this.chatFeed(chatId, position));
  }

  private closeUnusedFeed(room: string): void {
    const isUsed = this.server?.of('/').adapter.rooms.has(room) || this.arrivals.has(room);
    if (!isUsed) this.closeFeeds(room);
  }
}
