import type { Clock } from '../clock.js';
import { loggedOut, toChatError, unreachable } from '../errors.js';

/**
 * Why a token is asked for: the first one (`start`), because the last one is about to expire, or because the server
 * refused it, in which case one that was kept is of no use.
 */
export type TokenReason = 'start' | 'expiring' | 'refused';

export interface TokenProvider {
  /**
   * Returns an access token of the server, or nothing where the user has to log in. It is never called twice at once;
   * where it throws, it is called again after a pause that grows.
   */
  getToken(request: { readonly reason: TokenReason }): Promise<string | null | undefined>;
}

/** A token is renewed when less than this is left of it. */
const RENEWAL_MS = 60_000;

/** How long a token lives, by what it says itself; clocks may differ, so only the difference of its two times counts. */
function lifetimeMs(token: string): number | undefined {
  try {
    const part = token.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null) return undefined;
    const { iat, exp } = { iat: undefined, exp: undefined, ...claims };
    return typeof iat === 'number' && typeof exp === 'number' ? (exp - iat) * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a token is to be renewed; `expiresAt` in milliseconds since 1970. */
export function isExpiring(expiresAt: number | undefined, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt - clock.now() < RENEWAL_MS;
}

/** The access token that is in use; all who need one at the same time wait for the same answer. */
export class Tokens {
  private current: { readonly token: string; readonly expiresAt: number | undefined } | undefined;
  private reason: TokenReason = 'start';
  private asking: Promise<string> | undefined;
  /** Counts who may have been logged in: of one that is over, no answer counts any more. */
  generation = 0;

  constructor(
    private readonly provider: TokenProvider,
    private readonly clock: Clock,
  ) {}

  /** @throws {ChatError} `UNAUTHENTICATED` where there is none, `UNAVAILABLE` where it cannot be had at the moment. */
  get(): Promise<string> {
    if (this.current && isExpiring(this.current.expiresAt, this.clock)) {
      this.current = undefined;
      this.reason = 'expiring';
    }
    if (this.current) return Promise.resolve(this.current.token);
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** The server does not take this token. */
  refuse(token: string): void {
    if (this.current?.token !== token) return;
    this.current = undefined;
    this.reason = 'refused';
  }

  /** Somebody else may be logged in now. */
  forget(): void {
    this.generation += 1;
    this.current = undefined;
    this.reason = 'start';
  }

  private async ask(): Promise<string> {
    const asked = this.clock.now();
    const { reason, generation } = this;
    let token: string | null | undefined;
    try {
      token = await this.provider.getToken({ reason });
    } catch (thrown) {
      const error = toChatError(thrown);
      throw error.retryable ? error : unreachable(thrown);
    }
    if (this.generation !== generation) return this.ask();
    if (!token) throw loggedOut();
    const lifetime = lifetimeMs(token);
    this.current = { token, expiresAt: lifetime === undefined ? undefined : asked + lifetime };
    this.reason = 'start';
    return token;
  }
}
