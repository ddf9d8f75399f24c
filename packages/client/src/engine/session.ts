import type { RouteOutput, Session } from '@natter/protocol';
import type { Clock } from '../clock.js';
import { toChatError } from '../errors.js';
import { exclusively } from '../platform.js';
import type { ClientStore } from '../store/store.js';
import { callRoute, type HttpOptions, type RequestParts } from '../transport/http.js';
import { isExpiring, type TokenProvider, type TokenReason } from './tokens.js';

/** What is kept of a login, under one key of the store. */
interface KeptSession {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAt: number;
}

const KEY = 'session';

function isKept(value: unknown): value is KeptSession {
  return typeof value === 'object' && value !== null && 'refreshToken' in value;
}

/**
 * Accounts of the server itself: logs in by username and password, and renews the tokens, of which the successor is
 * stored before it is used (AUTH-2). Others may hold the same login, such as a page and its service worker: whoever renews
 * it or writes it does so alone, and takes over what another one has stored.
 */
export class PasswordSession implements TokenProvider {
  private kept: KeptSession | undefined;
  /** The refresh token that is in the store, as far as is known: what cannot be written must not be read again. */
  private storedToken: string | undefined;
  /** The login was read, or is another one by now; where neither worked, it is read when it is needed next. */
  private loaded: Promise<void> | undefined;

  constructor(
    private readonly http: HttpOptions,
    private readonly store: ClientStore,
    private readonly clock: Clock,
    /** The store could not be read or written; the login goes on without it, unless this throws. */
    private readonly failed: (error: unknown) => void,
  ) {}

  async register(body: RequestParts<'register'>['body']): Promise<Session> {
    return this.keep(await callRoute(this.http, 'register', { body }));
  }

  async login(body: RequestParts<'login'>['body']): Promise<Session> {
    return this.keep(await callRoute(this.http, 'login', { body }));
  }

  /** Forgets the login here; `logout` ends it on the server. */
  end(): Promise<void> {
    return this.alone(() => this.forget());
  }

  async getToken({ reason }: { readonly reason: TokenReason }): Promise<string | undefined> {
    await this.load();
    const { kept } = this;
    if (!kept) return undefined;
    if (reason === 'start' && !isExpiring(kept.expiresAt, this.clock)) return kept.accessToken;
    return this.alone(() => this.renew(kept));
  }

  /** @param before What was not good enough any more. */
  private async renew(before: KeptSession): Promise<string | undefined> {
    await this.read();
    const { kept } = this;
    if (!kept) return undefined;
    const isNewer = kept.refreshToken !== before.refreshToken;
    if (isNewer && !isExpiring(kept.expiresAt, this.clock)) return kept.accessToken;
    const asked = this.clock.now();
    const { refreshToken } = kept;
    try {
      const tokens = await callRoute(this.http, 'refresh', { body: { refreshToken } });
      // Of a login that is over by now, no successor counts.
      if (this.kept === kept) await this.save(tokens, asked);
    } catch (thrown) {
      const error = toChatError(thrown);
      // A refusal without the server's mark is of somebody in between, as where a network wants a login of its own.
      if (error.retryable || error.requestId === undefined) throw error;
      if (this.kept === kept) await this.forget();
    }
    return this.kept?.accessToken;
  }

  private async keep(session: Session): Promise<Session> {
    const from = this.clock.now();
    await this.load();
    await this.alone(() => this.save(session, from));
    return session;
  }

  /** @param from From when on their lifetime counts. */
  private save(
    { accessToken, refreshToken, expiresInMs }: RouteOutput<'refresh'>,
    from: number,
  ): Promise<void> {
    return this.write({ accessToken, refreshToken, expiresAt: from + expiresInMs });
  }

  private forget(): Promise<void> {
    return this.write(undefined);
  }

  private async write(session: KeptSession | undefined): Promise<void> {
    this.kept = session;
    this.loaded = Promise.resolve();
    await this.store.write(new Map([[KEY, session]])).then(() => {
      this.storedToken = session?.refreshToken;
    }, this.failed);
  }

  private load(): Promise<void> {
    this.loaded ??= this.read();
    return this.loaded;
  }

  private async read(): Promise<void> {
    await this.store.read(KEY).then(
      ([row]) => {
        const stored = row && isKept(row[1]) ? row[1] : undefined;
        if (stored?.refreshToken === this.storedToken) return;
        this.kept = stored;
        this.storedToken = stored?.refreshToken;
      },
      (error: unknown) => {
        this.loaded = undefined;
        this.failed(error);
      },
    );
  }

  private alone<T>(task: () => Promise<T>): Promise<T> {
    const { sharedName } = this.store;
    return exclusively(sharedName && `${sharedName}:session`, task);
  }
}
