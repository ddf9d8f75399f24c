import type { ClientMessageId } from '@natter/protocol';
import type { Brain, Method } from '../engine/brain.js';
import type { Engine, Notice } from '../engine/engine.js';
import { initialModel, type Model } from '../engine/model.js';
import { ChatError, toChatError, unreachable } from '../errors.js';
import { newId } from '../ids.js';
import { itemOf, type Order, type OutboxItem } from '../outbox/outbox-item.js';
import { Listeners, type Readable } from '../readable.js';
import { patchBetween, patched } from './model-patch.js';
import { missedNotice } from './missed.js';
import { lasting, repeatable, type TabMessage } from './tab-message.js';

/** How long a tab that leaves may take to store what it was told, before another one leads. */
const LAST_WRITE_MS = 2000;

interface Call {
  readonly method: Method;
  readonly parameters: readonly unknown[];
  /** The tab that was asked last; `undefined` while there was none to ask. */
  askedOf: string | undefined;
  resolve(value: unknown): void;
  reject(error: ChatError): void;
}

export interface SharedBrainOptions {
  /** The same for all tabs that share a store. */
  readonly name: string;
  readonly createEngine: (notify: (notice: Notice) => void) => Engine;
  readonly notify: (notice: Notice) => void;
}

/** Whether tabs can find each other here. */
export function canShare(): boolean {
  return (
    typeof BroadcastChannel !== 'undefined' &&
    typeof navigator !== 'undefined' &&
    'locks' in navigator
  );
}

/**
 * One brain for all tabs: the tab that holds a lock leads, with the connection, the outbox and the store; the others follow
 * what it tells, and ask it to act. When it goes, the browser gives the lock to another one at once.
 */
export class SharedBrain implements Brain {
  private readonly tab: string = newId();
  private readonly listeners = new Listeners();
  private readonly calls = new Map<string, Call>();
  /** What this tab ordered and the leader has not taken up yet; shown all the same. */
  private ordered: readonly OutboxItem[] = [];
  /** What this tab ordered, until it hears what has become of it. */
  private readonly unsettled = new Set<ClientMessageId>();
  private told: Model = initialModel;
  private shown: Model = initialModel;
  private channel: BroadcastChannel | undefined;
  private leaving: AbortController | undefined;
  private engine: Engine | undefined;
  /** The tab that leads. */
  private leader: string | undefined;
  private hasFollowers = false;
  /** Of the last patch. */
  private turn: number | undefined;

  readonly model: Readable<Model> = {
    getSnapshot: () => this.shown,
    subscribe: (listener) => this.listeners.add(listener),
  };

  constructor(private readonly options: SharedBrainOptions) {}

  /** Joins the tabs; one that leads already tries at once. */
  connect(): void {
    if (this.engine) this.engine.connect();
    else this.join();
  }

  /** Leaves the tabs, of which another one leads then. What was ordered stays; nothing else is waited for. */
  disconnect(): void {
    this.leaving?.abort();
    this.leaving = undefined;
    this.engine?.disconnect();
    this.channel?.close();
    this.channel = undefined;
    this.engine = undefined;
    this.leader = undefined;
    this.hasFollowers = false;
    this.turn = undefined;
    for (const [id, { method }] of this.calls) {
      if (!lasting.includes(method)) this.refuse(id, unreachable());
    }
    this.told = { ...this.told, connection: { status: 'offline' } };
    this.show();
  }

  readonly login: Brain['login'] = (...parameters) => this.call('login', parameters);
  readonly register: Brain['register'] = (...parameters) => this.call('register', parameters);
  readonly logout: Brain['logout'] = () => this.call('logout', []);
  readonly request: Brain['request'] = (...parameters) => this.call('request', parameters);
  readonly joinChat: Brain['joinChat'] = (...parameters) => this.call('joinChat', parameters);
  readonly loadHistory: Brain['loadHistory'] = (...parameters) =>
    this.call('loadHistory', parameters);
  readonly loadPins: Brain['loadPins'] = (...parameters) => this.call('loadPins', parameters);
  readonly loadStars: Brain['loadStars'] = () => this.call('loadStars', []);
  readonly loadMembers: Brain['loadMembers'] = (...parameters) =>
    this.call('loadMembers', parameters);
  readonly loadUsers: Brain['loadUsers'] = (...parameters) => this.call('loadUsers', parameters);
  readonly loadDevices: Brain['loadDevices'] = () => this.call('loadDevices', []);
  readonly openDirect: Brain['openDirect'] = (...parameters) => this.call('openDirect', parameters);
  readonly retry: Brain['retry'] = (...parameters) => this.tellLeader('retry', parameters);
  readonly discard: Brain['discard'] = (...parameters) => this.tellLeader('discard', parameters);
  readonly pauseFile: Brain['pauseFile'] = (...parameters) =>
    this.tellLeader('pauseFile', parameters);
  readonly resumeFile: Brain['resumeFile'] = (...parameters) =>
    this.tellLeader('resumeFile', parameters);
  readonly cancelFile: Brain['cancelFile'] = (...parameters) =>
    this.tellLeader('cancelFile', parameters);
  readonly readFile: Brain['readFile'] = (...parameters) => this.call('readFile', parameters);
  readonly tell: Brain['tell'] = (...parameters) => {
    if (this.engine) this.engine.tell(...parameters);
    else this.post({ type: 'call', from: this.tab, id: '', method: 'tell', parameters });
  };

  order(order: Order): void {
    this.unsettled.add(order.id);
    this.tellLeader('order', [order]);
    if (this.engine) return;
    this.ordered = [...this.ordered, itemOf(order, Date.now())];
    this.show();
  }

  private tellLeader(method: Method, parameters: readonly unknown[]): void {
    // What comes of it is in the model.
    this.call(method, parameters).catch(() => undefined);
  }

  private call<T>(method: Method, parameters: readonly unknown[]): Promise<T> {
    this.join();
    return new Promise<T>((resolve, reject) => {
      const id = newId();
      const call: Call = { method, parameters, askedOf: undefined, resolve, reject };
      this.calls.set(id, call);
      this.ask(id, call);
    });
  }

  private ask(id: string, call: Call): void {
    const { method, parameters } = call;
    call.askedOf = this.leader;
    if (this.engine) {
      void this.carryOut(this.engine, method, parameters).then(
        (value) => this.settle(id, value),
        (error: unknown) => this.refuse(id, toChatError(error)),
      );
    } else if (this.leader !== undefined) {
      this.post({ type: 'call', from: this.tab, id, method, parameters });
    }
  }

  private settle(id: string, value: unknown): void {
    this.calls.get(id)?.resolve(value);
    this.calls.delete(id);
  }

  private refuse(id: string, error: ChatError): void {
    this.calls.get(id)?.reject(error);
    this.calls.delete(id);
  }

  private join(): void {
    if (this.channel) return;
    const { name } = this.options;
    const channel = new BroadcastChannel(name);
    channel.addEventListener('message', ({ data }: MessageEvent<TabMessage>) => this.receive(data));
    this.channel = channel;
    const leaving = new AbortController();
    this.leaving = leaving;
    this.post({ type: 'hello', from: this.tab });
    navigator.locks
      .request(`${name}:leader`, { signal: leaving.signal }, () => this.lead(leaving.signal))
      .catch((error: unknown) => {
        if (!leaving.signal.aborted) this.options.notify({ type: 'storeFailed', error });
      });
  }

  /** Leads until this tab leaves, and what it was told is stored for the next one, or until it dies. */
  private lead(leaving: AbortSignal): Promise<void> {
    if (leaving.aborted) return Promise.resolve();
    const engine = this.options.createEngine((notice) => {
      this.hear(notice);
      this.post({ type: 'notice', notice });
    });
    this.engine = engine;
    this.turn = 0;
    engine.model.subscribe(() => this.publish(engine));
    engine.connect();
    this.post({ type: 'leading', from: this.tab });
    this.obey(this.tab);
    void engine.saved().then(() => this.settleMissed());
    return new Promise((resolve) => {
      const leave = (): void => {
        setTimeout(resolve, LAST_WRITE_MS);
        void engine.saved().then(resolve);
      };
      leaving.addEventListener('abort', leave, { once: true });
    });
  }

  private publish(engine: Engine): void {
    if (this.engine !== engine) return;
    const model = engine.model.getSnapshot();
    // Until it has read the store, what the last leader told is more.
    if (!model.state && this.told.state && model.connection.status === 'offline') return;
    const before = this.told;
    this.told = model;
    if (this.hasFollowers) {
      this.turn = (this.turn ?? 0) + 1;
      this.post({ type: 'patch', turn: this.turn, patch: patchBetween(before, model) });
    }
    this.show();
  }

  private receive(message: TabMessage): void {
    switch (message.type) {
      case 'hello':
        if (this.engine) {
          this.hasFollowers = true;
          const { turn = 0, tab: from } = this;
          this.post({ type: 'leading', from });
          const patch = patchBetween(initialModel, this.told);
          this.post({ type: 'model', to: message.from, turn, patch });
        }
        return;
      case 'leading':
        return this.obey(message.from);
      case 'model':
        if (message.to !== this.tab) return;
        this.take(initialModel, message);
        return this.settleMissed();
      case 'patch':
        return this.follow(message);
      case 'notice':
        return this.hear(message.notice);
      case 'call':
        return this.answer(message);
      case 'answer':
        if (message.to === this.tab) this.settle(message.id, message.value);
        return;
      case 'refusal':
        if (message.to === this.tab) this.refuse(message.id, new ChatError(message.error));
        return;
    }
  }

  private follow(message: Extract<TabMessage, { type: 'patch' }>): void {
    if (this.engine) return;
    if (this.turn === message.turn - 1) this.take(this.told, message);
    else if (this.turn === undefined || this.turn < message.turn) {
      this.turn = undefined;
      this.post({ type: 'hello', from: this.tab });
    }
  }

  private take(
    model: Model,
    { turn, patch }: Extract<TabMessage, { type: 'model' | 'patch' }>,
  ): void {
    this.told = patched(model, patch);
    this.turn = turn;
    this.show();
  }

  private hear(notice: Notice): void {
    if (notice.type === 'settled') this.unsettled.delete(notice.id);
    if (notice.type === 'dropped') this.unsettled.delete(notice.refusal.id);
    this.options.notify(notice);
  }

  /** What was settled while this tab was away, was told to others alone. */
  private settleMissed(): void {
    const { state } = this.told;
    if (!state) return;
    const open = new Set<unknown>([...this.orders(), ...this.told.outbox.map(({ id }) => id)]);
    for (const id of this.unsettled) {
      if (open.has(id)) continue;
      this.unsettled.delete(id);
      this.options.notify(missedNotice(id, state));
    }
  }

  /** The ids of what was ordered and may not be stored yet. */
  private orders(): unknown[] {
    return [...this.calls.values()].flatMap(({ method, parameters: [order] }) =>
      method === 'order' && typeof order === 'object' && order !== null && 'id' in order
        ? [order.id]
        : [],
    );
  }

  private answer({ from, id, method, parameters }: Extract<TabMessage, { type: 'call' }>): void {
    if (!this.engine) return;
    void this.carryOut(this.engine, method, parameters).then(
      (value) => this.post({ type: 'answer', to: from, id, value }),
      (error: unknown) =>
        this.post({ type: 'refusal', to: from, id, error: toChatError(error).toInfo() }),
    );
  }

  private async carryOut(
    engine: Engine,
    method: Method,
    parameters: readonly unknown[],
  ): Promise<unknown> {
    // Tabs of one origin run the same code: what comes was made by the method of the same name above.
    const act: unknown = Reflect.get(engine, method);
    if (typeof act !== 'function') throw unreachable();
    const value: unknown = await Reflect.apply(act, engine, parameters);
    if (lasting.includes(method)) await engine.saved();
    return value;
  }

  /** Another tab leads: what the last one did not answer is asked of it. */
  private obey(leader: string): void {
    if (this.leader === leader) return;
    this.leader = leader;
    if (leader !== this.tab) {
      // It may know other things than the last one had told: everything is asked for.
      this.turn = undefined;
      this.post({ type: 'hello', from: this.tab });
    }
    for (const [id, call] of this.calls) {
      if (call.askedOf === undefined || repeatable.includes(call.method)) this.ask(id, call);
      else this.refuse(id, unreachable());
    }
  }

  private show(): void {
    const taken = new Set(this.told.outbox.map(({ id }) => id));
    const waiting = this.orders();
    this.ordered = this.ordered.filter(({ id }) => !taken.has(id) && waiting.includes(id));
    const before = this.shown;
    this.shown =
      this.ordered.length === 0
        ? this.told
        : { ...this.told, outbox: [...this.told.outbox, ...this.ordered] };
    if (before !== this.shown) this.listeners.notify();
  }

  private post(message: TabMessage): void {
    this.channel?.postMessage(message);
  }
}
