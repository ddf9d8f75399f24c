import type { RouteOutput, User } from '@natter/protocol';
import { Chats } from './chats.js';
import type { ClientState } from './core/index.js';
import { type Clock, systemClock } from './clock.js';
import { Devices } from './devices.js';
import type { Brain } from './engine/brain.js';
import { Engine, type Notice } from './engine/engine.js';
import type { ConnectionState } from './engine/model.js';
import type { Uploads } from './engine/uploads.js';
import { PasswordSession } from './engine/session.js';
import type { TokenProvider } from './engine/tokens.js';
import { type ClientEventName, type ClientEvents, EventHub } from './events.js';
import { MediaControl } from './media/media.js';
import { type Loadable, loadedOnDemand } from './loadable.js';
import type { OutboxItem } from './outbox/outbox-item.js';
import { Push } from './push.js';
import { type Readable, select } from './readable.js';
import { Search } from './search.js';
import { SessionControl } from './session-control.js';
import { Settlements } from './settlements.js';
import { type ClientStore, memoryStore } from './store/store.js';
import type { SharedStore } from './tabs/share-tabs.js';
import { createConnect } from './transport/connect.js';
import type { Connect } from './transport/connection.js';
import type { ClientRoute, RequestParts } from './transport/http.js';
import { Users } from './users.js';
import type { MessageItem } from './views/message-item.js';
import { isSameListOrNone, Views } from './views/views.js';

export interface ChatClientOptions {
  /** Where the server is, as `https://chat.example.com`. */
  readonly url: string;
  /** Where access tokens come from. Without it the client logs in by itself, with `client.session`. */
  readonly auth?: TokenProvider;
  /** Where to keep what is known and what is not sent yet; without it, in memory. */
  readonly store?: ClientStore | SharedStore;
  /** How files go to the server: `tusUploads()` of `@natter/client/uploads`. Without it they can be shown, not sent. */
  readonly uploads?: Uploads;
  /** For tests: time, requests and connections of another make. */
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
  readonly connect?: Connect;
}

/** What waits for the server, and for the user where it `failed`. */
export interface OutboxControl extends Readable<readonly OutboxItem[]> {
  retry(id: string): void;
  /** Gives an operation up, and those about its message. */
  discard(id: string): void;
}

function isShared(store: ClientStore | SharedStore): store is SharedStore {
  return 'shareTabs' in store;
}

/** A user's chats on one device. Make one for each user who is logged in, and keep it: it is the whole state. */
export class ChatClient {
  readonly session: SessionControl;
  readonly chats: Chats;
  readonly users: Users;
  readonly devices: Devices;
  readonly push: Push;
  readonly search: Search;
  /** What the user starred in all of his chats, the last one first; `undefined` until that is loaded. */
  readonly stars: Loadable<readonly MessageItem[] | undefined>;
  readonly outbox: OutboxControl;
  readonly media: MediaControl;
  /** How the client stands to its server, to follow. */
  readonly connection: Readable<ConnectionState>;
  /**
   * All that the server has told, as the functions of `core` know it: for exports, tests and views that are not here. What
   * waits in the outbox is not in it.
   */
  readonly data: Readable<ClientState | undefined>;
  /** The user who is logged in, with his privacy; `undefined` until that is known. */
  readonly me: Readable<User | undefined>;
  private readonly brain: Brain;
  private readonly events = new EventHub();
  private readonly settlements = new Settlements();

  constructor(options: ChatClientOptions) {
    const { url, store = memoryStore(), clock = systemClock, connect = createConnect() } = options;
    const http = { url: url.replace(/\/+$/, ''), fetch: options.fetch ?? fetch.bind(globalThis) };
    const createEngine = (notify: (notice: Notice) => void): Engine => {
      const storeFailed = (error: unknown): void => notify({ type: 'storeFailed', error });
      const session = options.auth
        ? undefined
        : new PasswordSession(http, store, clock, storeFailed);
      const { auth, uploads } = options;
      return new Engine({ http, connect, clock, store, auth, session, uploads, notify });
    };
    const notify = (notice: Notice): void => this.hear(notice);
    const shared = isShared(store)
      ? store.shareTabs({ name: store.sharedName, createEngine, notify })
      : undefined;
    const brain: Brain = shared ?? createEngine(notify);
    this.brain = brain;
    const views = new Views(brain.model);
    this.connection = select(brain.model, ({ connection }) => connection);
    this.data = select(brain.model, ({ state }) => state);
    this.me = select(brain.model, ({ state }) => state?.profile);
    const canUpload = options.uploads !== undefined;
    const context = { brain, views, clock, settlements: this.settlements, canUpload };
    this.session = new SessionControl(brain);
    this.chats = new Chats(context);
    this.users = new Users(context);
    this.media = new MediaControl(http.url, context);
    this.devices = new Devices(brain);
    this.push = new Push(brain);
    this.search = new Search(brain);
    this.stars = loadedOnDemand(
      select(brain.model, () => views.stars(), isSameListOrNone),
      brain,
      { missing: () => views.missingStars(), load: () => brain.loadStars() },
    );
    this.outbox = {
      ...select(brain.model, (model) => model.outbox),
      retry: (id) => brain.retry(id),
      discard: (id) => brain.discard(id),
    };
    this.connection.subscribe(() =>
      this.events.emit({ event: 'stateChanged', payload: this.state }),
    );
  }

  /** How the client stands to its server. */
  get state(): ConnectionState {
    return this.connection.getSnapshot();
  }

  /** Connects, and stays connected until `disconnect`. Calling it again tries at once where it waits to try again. */
  connect(): void {
    this.brain.connect();
  }

  disconnect(): void {
    this.brain.disconnect();
  }

  /** Calls back for each event of a name, until the function that it returns is called. */
  on<K extends ClientEventName>(name: K, listener: (payload: ClientEvents[K]) => void): () => void {
    return this.events.on(name, listener);
  }

  /**
   * Calls a route of the server as this user: whatever has no method here.
   *
   * @throws {ChatError} at once where the server cannot be reached; nothing of it is tried again.
   */
  request<K extends ClientRoute>(name: K, parts: RequestParts<K>): Promise<RouteOutput<K>> {
    return this.brain.request(name, parts);
  }

  private hear(notice: Notice): void {
    switch (notice.type) {
      case 'event':
        return this.events.emit(notice.event);
      case 'reset':
        return this.events.emit({ event: 'stateReset', payload: undefined });
      case 'storeFailed':
        return this.events.emit({ event: 'storeFailed', payload: notice.error });
      case 'failed':
        return this.events.emit({ event: 'operationFailed', payload: notice.refusal });
      case 'dropped':
        this.events.emit({ event: 'operationDropped', payload: notice.refusal });
        return this.settlements.reject(notice.refusal.id, notice.refusal.error);
      case 'unheard':
        return this.settlements.reject(notice.refusal.id, notice.refusal.error);
      case 'settled':
        return this.settlements.resolve(notice.id, notice.output);
    }
  }
}

/** Makes a client. It does nothing by itself until `connect`, or a login. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new ChatClient(options);
}
