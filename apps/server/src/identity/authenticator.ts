import type { Caller } from './caller.js';

/** Turns an access token into the caller that it stands for. Both doors ask it, and nobody else decides. */
export abstract class Authenticator {
  /**
   * @throws {NatterError} `UNAUTHENTICATED` where the token is missing or not valid, `DEVICE_REVOKED` where its device
   *   session has ended.
   */
  abstract authenticate(token: string | undefined): Promise<Caller>;
}
