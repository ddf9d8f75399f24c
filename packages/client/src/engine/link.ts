import { type Backoff, backoffMs, type Clock, pause } from '../clock.js';
import type { ServerEvent } from '../core/index.js';
import { ChatError, toChatError, unreachable } from '../errors.js';
import type { Connect, Connection } from '../transport/connection.js';
import type { ConnectionState } from './model.js';
import type { Tokens } from './tokens.js';

const BACKOFF: Backoff = { firstMs: 500, longestMs: 30_000 };

export interface LinkEvents {
  readonly state: (state: ConnectionState) => void;
  /** A connection is about to be made. */
  readonly opening: () => void;
  /** There is one; resolves when the client is up to date. */
  readonly opened: (connection: Connection) => Promise<void>;
  readonly event: (event: ServerEvent) => void;
  readonly closed: () => void;
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function endOfConnection(): never {
  throw unreachable();
}

/** Keeps a connection for as long as one is wanted, whatever happens to it. */
export class Link {
  private running: AbortController | undefined;
  private connection: Connection | undefined;
  private ended = deferred();
  private woken = new AbortController();
  private nextPauseMs: number | undefined;
  /** What the server said with `sessionEnded`. */
  private code: ChatError['code'] | undefined;
  private hasRefusedToken = false;

  constructor(
    private readonly url: string,
    private readonly connect: Connect,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    private readonly events: LinkEvents,
  ) {}

  /** The connection, where there is one that is up to date or about to be. */
  get current(): Connection | undefined {
    return this.connection;
  }

  /** Connects and stays connected until `stop`. Doing so already, it tries at once. */
  start(): void {
    if (this.running) {
      this.wake();
      return;
    }
    this.running = new AbortController();
    void this.run(this.running.signal);
  }

  stop(): void {
    this.running?.abort();
    this.running = undefined;
    this.drop();
    // At once: the next connection may be under way before this one has noticed.
    this.close();
    this.wake();
    this.events.state({ status: 'offline' });
  }

  /** Does not wait any longer before the next attempt. */
  wake(): void {
    this.woken.abort();
    this.woken = new AbortController();
  }

  /** Gives the connection up, for the next one. */
  drop(): void {
    this.connection?.close();
    this.ended.resolve();
  }

  private async run(signal: AbortSignal): Promise<void> {
    let [attempt, refusals] = [0, 0];
    while (!signal.aborted) {
      const error = await this.holdOne(signal, () => {
        [attempt, refusals] = [0, 0];
      });
      if (signal.aborted) return;
      const { code } = error;
      if (code === 'CLIENT_TOO_OLD') return this.rest(signal, { status: 'incompatible' });
      if (code === 'UNAUTHENTICATED' || code === 'DEVICE_REVOKED') {
        refusals += 1;
        // A token may have ended early: one that is new tells.
        if (refusals === 1 && code === 'UNAUTHENTICATED' && this.hasRefusedToken) continue;
        return this.rest(signal, { status: 'authRequired', code });
      }
      const delayMs = this.nextPauseMs ?? backoffMs(BACKOFF, attempt);
      this.nextPauseMs = undefined;
      attempt += 1;
      this.events.state({ status: 'offline', retryAt: this.clock.now() + delayMs });
      await pause(this.clock, delayMs, this.woken.signal);
    }
  }

  /** Nothing more is tried until `start`. */
  private rest(signal: AbortSignal, state: ConnectionState): void {
    if (signal.aborted) return;
    this.running = undefined;
    this.events.state(state);
  }

  /** Makes one connection and holds it. @returns why it is over. */
  private async holdOne(signal: AbortSignal, isLive: () => void): Promise<ChatError> {
    this.hasRefusedToken = false;
    this.code = undefined;
    const ended = deferred();
    this.ended = ended;
    // After a stop and a start, the one before may still be on its way to its end.
    const isCurrent = (): boolean => this.ended === ended;
    let token: string | undefined;
    let connection: Connection | undefined;
    try {
      this.events.state({ status: 'connecting' });
      token = await this.tokens.get();
      if (signal.aborted) throw unreachable();
      this.events.opening();
      connection = await this.connect(this.url, token, {
        event: (event) => {
          if (isCurrent()) this.receive(event);
        },
        lost: () => ended.resolve(),
      });
      if (signal.aborted) throw unreachable();
      this.connection = connection;
      this.events.state({ status: 'syncing' });
      await Promise.race([this.events.opened(connection), ended.promise.then(endOfConnection)]);
      if (signal.aborted) throw unreachable();
      isLive();
      this.events.state({ status: 'live' });
      await ended.promise;
      throw unreachable();
    } catch (thrown) {
      const error = toChatError(thrown);
      if (error.code === 'UNAUTHENTICATED' && token !== undefined) {
        this.hasRefusedToken = true;
        this.tokens.refuse(token);
      }
      return this.endedBy(error, token);
    } finally {
      connection?.close();
      if (isCurrent()) this.close();
    }
  }

  private close(): void {
    this.connection = undefined;
    this.events.closed();
  }

  /** What the server said before it cut the connection tells more than that it is cut. */
  private endedBy(error: ChatError, token: string | undefined): ChatError {
    const { code } = this;
    if (code === undefined) return error;
    if (token !== undefined) this.tokens.refuse(token);
    if (code === 'UNAUTHENTICATED') this.hasRefusedToken = true;
    return new ChatError(
      { code, message: 'The session has ended', retryable: false },
      { cause: error },
    );
  }

  private receive(event: ServerEvent): void {
    if (event.event === 'sessionEnded') this.code = event.payload.code;
    if (event.event === 'serverDraining') this.nextPauseMs = event.payload.reconnectAfterMs;
    this.events.event(event);
  }
}
