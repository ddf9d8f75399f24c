import type { ChatId, ClientMessageId, CommandInput, Session, UserId } from '@natter/protocol';
import type { Clock } from '../clock.js';
import {
  applyAcknowledgement,
  applyPins,
  applySnapshot,
  applyStars,
  applyUsers,
  type ServerEvent,
} from '../core/index.js';
import { type ErrorInfo, loggedOut, toChatError, unreachable } from '../errors.js';
import type { Refusal } from '../events.js';
import { itemOf, type Order, type OutboxItem } from '../outbox/outbox-item.js';
import { cancelFile, withFile } from '../outbox/files.js';
import {
  aboutMessage,
  changeUnsent,
  discard,
  enqueue,
  finish,
  type Outbox,
  retry,
} from '../outbox/outbox.js';
import { onNetwork } from '../platform.js';
import { isShallowEqual, type Readable } from '../readable.js';
import type { Settled } from '../settlements.js';
import { coveredBy, type HistoryBound, withHistory } from '../timeline/islands.js';
import { Recorder } from '../store/recorder.js';
import type { ClientStore } from '../store/store.js';
import type { Connect } from '../transport/connection.js';
import type { HttpOptions, RequestParts } from '../transport/http.js';
import { authorizedRequest } from './authorized-request.js';
import { Follower } from './follower.js';
import { Hub } from './hub.js';
import { Link } from './link.js';
import { initialModel, type Model } from './model.js';
import { allPages, type Request } from './read-snapshot.js';
import { Sender } from './sender.js';
import type { PasswordSession } from './session.js';
import { type TokenProvider, Tokens } from './tokens.js';
import { Upkeep } from './upkeep.js';
import type { FileUploader, Uploads } from './uploads.js';

/** How long a connection may take to answer after the network changed. */
const CHECK_MS = 5000;

/** What the brain tells beside its model. */
export type Notice =
  | { readonly type: 'event'; readonly event: ServerEvent }
  | { readonly type: 'reset' }
  | { readonly type: 'storeFailed'; readonly error: unknown }
  /** `unheard`: what became of it is not known. */
  | { readonly type: 'failed' | 'dropped' | 'unheard'; readonly refusal: Refusal }
  | { readonly type: 'settled'; readonly id: ClientMessageId; readonly output: Settled };

export interface EngineOptions {
  readonly http: HttpOptions;
  readonly connect: Connect;
  readonly clock: Clock;
  /** Where the application has logins of its own. */
  readonly auth: TokenProvider | undefined;
  /** Where the client logs in by itself. */
  readonly session: PasswordSession | undefined;
  readonly store: ClientStore;
  /** Without it no file is sent. */
  readonly uploads: Uploads | undefined;
  readonly notify: (notice: Notice) => void;
}

/** The brain of a client: one connection, one outbox, one state. */
export class Engine {
  readonly hub: Hub;
  readonly request: Request;
  private readonly tokens: Tokens;
  private readonly link: Link;
  private readonly follower: Follower;
  private readonly sender: Sender;
  private readonly uploader: FileUploader | undefined;
  private readonly recorder: Recorder;
  private readonly upkeep: Upkeep;
  private opening: Promise<void> | undefined;
  /** The last change of who the user is. */
  private turn: Promise<void> = Promise.resolve();
  /** Whose login the connection is of. */
  private confirmed: UserId | undefined;
  /** What is ordered until somebody logs in may be of who was here before. */
  private hasLoggedOut = false;
  private isWanted = false;
  private isOpen = false;
  private unwatch: (() => void) | undefined;

  get model(): Readable<Model> {
    return this.hub;
  }

  constructor(private readonly options: EngineOptions) {
    const { http, connect, clock, auth, session, notify, store } = options;
    const nobody: TokenProvider = { getToken: () => Promise.resolve(undefined) };
    this.recorder = new Recorder(store, (error) => notify({ type: 'storeFailed', error }));
    this.hub = new Hub(
      (event) => notify({ type: 'event', event }),
      (model) => this.recorder.record(model),
    );
    this.tokens = new Tokens(auth ?? session ?? nobody, clock);
    this.request = authorizedRequest(http, this.tokens);
    this.follower = new Follower(this.hub, this.request, clock, {
      reset: () => notify({ type: 'reset' }),
      failed: () => this.link.drop(),
    });
    const refusals = {
      failed: (item: OutboxItem, error: ErrorInfo) => this.refused(item, error),
      dropped: (item: OutboxItem, error: ErrorInfo) => this.dropped(item, error),
      unauthenticated: () => this.link.drop(),
    };
    this.sender = new Sender(this.hub, this.request, clock, () => this.recorder.saved(), {
      ...refusals,
      settled: ({ id }, output) => notify({ type: 'settled', id, output }),
      doubtful: () => this.follower.catchUp(),
    });
    this.uploader = options.uploads?.createUploader({
      ...refusals,
      hub: this.hub,
      url: http.url,
      tokens: this.tokens,
      clock,
      read: (key) => this.recorder.files.read(key),
      uploaded: () => this.sender.pump(),
    });
    this.upkeep = new Upkeep(this.hub, this.request, clock, this);
    this.link = new Link(http.url, connect, this.tokens, clock, {
      state: (connection) =>
        this.hub.update((model) =>
          isShallowEqual(model.connection, connection) ? model : { ...model, connection },
        ),
      opening: () => this.follower.prepare(),
      opened: async (connection) => {
        await this.confirmUser();
        // Both may be answered after this connection was cut.
        if (this.link.current !== connection) throw unreachable();
        await this.follower.begin(connection);
        if (this.link.current !== connection) throw unreachable();
        this.sender.start(connection);
        this.uploader?.start();
        this.upkeep.start();
      },
      event: (event) => this.follower.receive(event),
      closed: () => {
        this.follower.end();
        this.sender.stop();
        this.uploader?.stop();
        this.upkeep.stop();
      },
    });
  }

  connect(): void {
    this.isWanted = true;
    this.unwatch ??= onNetwork(() => this.check());
    void this.open().then(() => {
      if (this.isWanted) this.link.start();
    });
  }

  disconnect(): void {
    this.isWanted = false;
    this.unwatch?.();
    this.unwatch = undefined;
    this.link.stop();
  }

  /** The network may be another one, or the device slept: a connection that does not answer soon is given up. */
  private check(): void {
    const [connection, { cursor }] = [this.link.current, this.hub.getSnapshot()];
    if (!connection) {
      this.link.wake();
      return;
    }
    const drop = (): void => {
      if (this.link.current === connection) this.link.drop();
    };
    const cancel = this.options.clock.after(CHECK_MS, drop);
    void connection.command('sync', { cursor, limit: 1 }).catch(drop).finally(cancel);
  }

  /** Takes up what was kept of the user who was here last. */
  private open(): Promise<void> {
    this.opening ??= this.recorder
      .lastUser()
      .then((userId) => (userId === undefined ? undefined : this.become(userId)))
      .catch((error: unknown) => this.options.notify({ type: 'storeFailed', error }))
      .then(() => {
        this.isOpen = true;
      });
    return this.opening;
  }

  /** One change of who the user is after the other. */
  private inTurn(change: () => Promise<void>): Promise<void> {
    this.turn = this.turn.catch(() => undefined).then(change);
    return this.turn;
  }

  /** Goes on as a user, unless that login is over by then; what is kept of another one stays in the store. */
  private become(userId: UserId): Promise<void> {
    const { generation } = this.tokens;
    return this.inTurn(async () => {
      const { state } = this.hub.getSnapshot();
      if (state?.me === userId || this.tokens.generation !== generation) return;
      const kept = await this.recorder.open(userId);
      this.hasLoggedOut = false;
      this.hub.update(({ connection, outbox }) => ({
        ...kept,
        connection,
        // What was done before it was known who does it.
        outbox: state ? kept.outbox : [...kept.outbox, ...outbox],
      }));
    });
  }

  /** The tokens may be of somebody else than the state: his outbox must not be sent as theirs. */
  private async confirmUser(): Promise<void> {
    if (this.confirmed !== undefined) return;
    const { id } = await this.request('getOwnUser', {});
    await this.become(id);
    this.confirmed = id;
  }

  async login(body: RequestParts<'login'>['body']): Promise<Session> {
    return this.begun(await this.passwords().login(body));
  }

  async register(body: RequestParts<'register'>['body']): Promise<Session> {
    return this.begun(await this.passwords().register(body));
  }

  async logout(): Promise<void> {
    await this.open();
    await this.request('logout', {}).catch((thrown: unknown) => {
      const error = toChatError(thrown);
      if (error.retryable) throw error;
    });
    this.disconnect();
    await this.options.session?.end();
    this.tokens.forget();
    await this.inTurn(async () => {
      const { state } = this.hub.getSnapshot();
      this.changeOutbox(() => []);
      this.hasLoggedOut = true;
      this.hub.update(() => ({ ...initialModel, connection: { status: 'authRequired' } }));
      this.confirmed = undefined;
      if (state) await this.recorder.erase(state.me);
    });
  }

  /** Does it once it is known what was kept, which it may be about. */
  private whenOpen(task: () => void): void {
    if (this.isOpen) task();
    else void this.open().then(task);
  }

  /** Puts an operation into the outbox, unless it changes what is there, or nobody is logged in any more. */
  order(order: Order): void {
    this.whenOpen(() => {
      const item = itemOf(order, this.options.clock.now());
      if (this.hasLoggedOut) {
        this.dropped(item, loggedOut().toInfo());
        return;
      }
      if (this.changeUnsent([item])) return;
      for (const { file, content } of order.files ?? []) this.recorder.files.add(file.key, content);
      this.hub.updateOutbox((outbox) => enqueue(outbox, this.placed(item)));
      this.sender.pump();
    });
  }

  /**
   * Makes changes of a message in the outbox, of which the last one counts.
   *
   * @returns whether they are settled by that; `false` where a server may have the message, or there are none.
   */
  private changeUnsent(changes: readonly OutboxItem[]): boolean {
    const last = changes.at(-1);
    const before = this.hub.getSnapshot().outbox;
    const rest = changes.reduce((outbox, { id }) => finish(outbox, id), before);
    const after = last && changeUnsent(rest, last);
    if (!after) return false;
    this.hub.updateOutbox(() => rest);
    this.changeOutbox(() => after);
    for (const { id } of changes) this.options.notify({ type: 'settled', id, output: {} });
    return true;
  }

  /** What the user has done to a message since it was on its way decides what becomes of it. */
  private refused({ id, chatId }: OutboxItem, error: ErrorInfo): void {
    const changes = this.hub
      .getSnapshot()
      .outbox.filter(
        ({ about, command }) =>
          about === id && (command === 'editMessage' || command === 'deleteMessage'),
      );
    if (this.changeUnsent(changes)) return;
    this.options.notify({ type: 'failed', refusal: { id, chatId, error } });
  }

  /** Resolves when all that was ordered so far is stored, or could not be: it outlives this client then. */
  async saved(): Promise<void> {
    await this.open();
    await this.recorder.saved();
  }

  /** The item about a message that was sent meanwhile names it. */
  private placed(item: OutboxItem): OutboxItem {
    const { outbox, state } = this.hub.getSnapshot();
    if (item.about === undefined || item.chatId === undefined) return item;
    if (outbox.some(({ id }) => id === item.about)) return item;
    const message = state?.chats.get(item.chatId)?.messages.sentAs(state.me, item.about);
    return aboutMessage(item, message?.id);
  }

  retry(id: string): void {
    this.changeOutbox((outbox) => retry(outbox, id));
  }

  discard(id: string): void {
    this.changeOutbox((outbox) => discard(outbox, id));
  }

  /** Does not upload a file further for now; what is behind its message waits as well. */
  pauseFile(key: string): void {
    this.changeOutbox((outbox) => withFile(outbox, key, (file) => ({ ...file, isPaused: true })));
  }

  resumeFile(key: string): void {
    this.changeOutbox((outbox) =>
      withFile(outbox, key, (file) => ({ ...file, isPaused: undefined })),
    );
  }

  /** Takes a file out of its message, which is given up where nothing is left of it. */
  cancelFile(key: string): void {
    this.changeOutbox((outbox) => cancelFile(outbox, key));
  }

  /** The bytes of a file that is on its way. */
  readFile(key: string): Promise<Blob | undefined> {
    return this.recorder.files.read(key);
  }

  private dropped({ id, chatId }: OutboxItem, error: ErrorInfo): void {
    this.options.notify({ type: 'dropped', refusal: { id, chatId, error } });
  }

  /** Changes the outbox as the user wants it; what is gone then, he has given up. */
  private changeOutbox(change: (outbox: Outbox) => Outbox): void {
    this.whenOpen(() => {
      const before = this.hub.getSnapshot().outbox;
      const after = change(before);
      if (after === before) return;
      this.hub.updateOutbox(() => after);
      const left = new Set(after.map(({ id }) => id));
      const error = { code: 'CONFLICT', message: 'The user gave it up', retryable: false } as const;
      for (const item of before) if (!left.has(item.id)) this.dropped(item, error);
      this.sender.pump();
    });
  }

  /** Opens a chat that the user may not be in yet: joins a public group, or by an invite. */
  async joinChat(input: CommandInput<'joinChat'>): Promise<ChatId> {
    const connection = this.link.current;
    if (!connection) throw unreachable();
    const output = await connection.command('joinChat', input);
    this.hub.updateState((state) => applyAcknowledgement(state, 'joinChat', input, output));
    return output.chat.id;
  }

  tell(name: 'typing' | 'stopTyping', chatId: ChatId): void {
    this.link.current?.tell(name, { chatId });
  }

  /** Loads a page of a chat's history into the state. */
  async loadHistory(chatId: ChatId, bound: HistoryBound, limit: number): Promise<void> {
    const page = await this.request('getHistory', {
      params: { id: chatId },
      query: { ...bound, limit },
    });
    this.hub.update((model) => withHistory(model, chatId, page, coveredBy(page, bound)));
  }

  /** Reads a list; once more where it may be older than what is known by then. */
  private async upToDate<T>(
    seqOf: (state: Model['state']) => number | undefined,
    read: () => Promise<T>,
  ): Promise<T> {
    const before = seqOf(this.hub.getSnapshot().state);
    const list = await read();
    return seqOf(this.hub.getSnapshot().state) === before ? list : this.upToDate(seqOf, read);
  }

  async loadPins(chatId: ChatId): Promise<void> {
    const pins = await this.upToDate(
      (state) => state?.chats.get(chatId)?.pinsSeq,
      () => allPages((query) => this.request('listPins', { params: { id: chatId }, query })),
    );
    this.hub.updateState((state) => applyPins(state, chatId, pins));
  }

  async loadStars(): Promise<void> {
    const stars = await this.upToDate(
      (state) => state?.userSeq,
      () => allPages((query) => this.request('listStars', { query })),
    );
    this.hub.updateState((state) => applyStars(state, stars));
  }

  /** Learns all members of a chat, of which a snapshot has the first ones. */
  async loadMembers(chatId: ChatId): Promise<void> {
    const [chat, participants] = await Promise.all([
      this.request('getChat', { params: { id: chatId } }),
      allPages((query) => this.request('listMembers', { params: { id: chatId }, query })),
    ]);
    this.hub.updateState((state) => applySnapshot(state, { chats: [{ ...chat, participants }] }));
  }

  /** Learns who users are; those whom the server does not know stay unknown. */
  async loadUsers(ids: readonly UserId[]): Promise<void> {
    const { items } = await this.request('listUsers', { query: { ids, limit: ids.length } });
    this.hub.updateState((state) => applyUsers(state, items));
  }

  async loadDevices(): Promise<void> {
    const { items } = await this.request('listDevices', {});
    this.hub.updateState((state) => applySnapshot(state, { chats: [], devices: items }));
  }

  /** Opens the direct chat with a user. */
  async openDirect(userId: string): Promise<ChatId> {
    const chat = await this.request('createChat', { body: { type: 'direct', userId } });
    this.hub.updateState((state) => applySnapshot(state, { chats: [chat] }));
    return chat.id;
  }

  private passwords(): PasswordSession {
    const { session } = this.options;
    if (!session) throw new TypeError('Log in where `auth.getToken` has its tokens from');
    return session;
  }

  private async begun(session: Session): Promise<Session> {
    this.link.stop();
    this.tokens.forget();
    await this.open();
    await this.become(session.user.id);
    this.confirmed = session.user.id;
    this.connect();
    return session;
  }
}
