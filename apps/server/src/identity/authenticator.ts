import type { Caller } from './caller.js';

/** Turns an access token into the caller that it stands for. Both doors ask it, and nobody else decides. */
export abstract class Authenticator {
  /**
   * Whom the token names. The session may have ended since; `confirm` tells.
   *
   * @throws {NatterError} `UNAUTHENTICATED` where the token is missing, not valid or expired.
   */
  abstract identify(token: string | undefined): Promise<Caller>;

  /** @throws {NatterError} `DEVICE_REVOKED` where the caller's session has ended by now. */
  abstract confirm(caller: Caller): Promise<void>;
}
