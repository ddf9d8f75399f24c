import type { RouteOutput, Session } from '@natter/protocol';
import type { Clock } from '../clock.js';
import { toChatError } from '../errors.js';
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
 * stored before it is used (AUTH-2).
 */
export class PasswordSession implements TokenProvider {
  private kept: KeptSession | undefined;
  private loaded: Promise<void> | undefined;

  constructor(
    private readonly http: HttpOptions,
    private readonly store: ClientStore,
    private readonly clock: Clock,
    /** The store could not be read or written; the login goes on without it. */
    private readonly failed: (error: unknown) => void,
  ) {}

  async register(body: RequestParts<'register'>['body']): Promise<Session> {
    return this.keep(await callRoute(this.http, 'register', { body }));
  }

  async login(body: RequestParts<'login'>['body']): Promise<Session> {
    return this.keep(await callRoute(this.http, 'login', { body }));
  }

  /** Forgets the login here; `logout` ends it on the server. */
  async end(): Promise<void> {
    this.kept = undefined;
    await this.store.write(new Map([[KEY, undefined]])).catch(this.failed);
  }

  async getToken({ reason }: { readonly reason: TokenReason }): Promise<string | undefined> {
    await this.load();
    const { kept } = this;
    if (!kept) return undefined;
    if (reason === 'start' && !isExpiring(kept.expiresAt, this.clock)) return kept.accessToken;
    try {
      const asked = this.clock.now();
      const { refreshToken } = kept;
      const tokens = await callRoute(this.http, 'refresh', { body: { refreshToken } });
      // A login that came meanwhile is newer.
      if (this.kept !== kept) return this.kept?.accessToken;
      await this.save(tokens, asked);
      return tokens.accessToken;
    } catch (thrown) {
      const error = toChatError(thrown);
      // A refusal without the server's mark is of somebody in between, as where a network wants a login of its own.
      if (error.retryable || error.requestId === undefined) throw error;
      if (this.kept === kept) await this.end();
      return undefined;
    }
  }

  private async keep(session: Session): Promise<Session> {
    await this.load();
    await this.save(session, this.clock.now());
    return session;
  }

  /** @param from From when on their lifetime counts. */
  private async save(
    { accessToken, refreshToken, expiresInMs }: RouteOutput<'refresh'>,
    from: number,
  ): Promise<void> {
    this.kept = { accessToken, refreshToken, expiresAt: from + expiresInMs };
    await this.store.write(new Map([[KEY, this.kept]])).catch(this.failed);
  }

  private load(): Promise<void> {
    this.loaded ??= this.store
      .read(KEY)
      .then(([row]) => {
        if (row && isKept(row[1])) this.kept = row[1];
      })
      .catch(this.failed);
    return this.loaded;
  }
}
