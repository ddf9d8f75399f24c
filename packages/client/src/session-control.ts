import type { Session } from '@natter/protocol';
import type { Brain } from './engine/brain.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** What the device is called in the list of devices. */
  readonly deviceName?: string;
}

/** Who is logged in, where the server's own accounts are used. */
export class SessionControl {
  constructor(private readonly brain: Brain) {}

  /**
   * Makes an account, logs in and connects.
   *
   * @throws {ChatError} `CONFLICT` where the name is taken, `INVALID` with `details` for each field.
   */
  register({
    username,
    password,
    deviceName,
    displayName,
  }: Credentials & { readonly displayName?: string }): Promise<Session> {
    return this.brain.register({ username, password, displayName, device: { name: deviceName } });
  }

  /**
   * Logs in and connects. The tokens are kept in the store and renewed by themselves.
   *
   * @throws {ChatError} `UNAUTHENTICATED` where name or password are wrong, `RATE_LIMITED` after too many of those.
   */
  login({ username, password, deviceName }: Credentials): Promise<Session> {
    return this.brain.login({ username, password, device: { name: deviceName } });
  }

  /**
   * Ends the login on this device, here and on the server, and forgets all that was stored, also what was not sent. What is
   * sent from then on until somebody logs in is refused, as `UNAUTHENTICATED`.
   *
   * @throws {ChatError} `UNAVAILABLE` where the server cannot be reached; the login goes on then.
   */
  logout(): Promise<void> {
    return this.brain.logout();
  }

  /** Sets another password and ends the logins of all other devices. */
  async changePassword(currentPassword: string, newPassword: string): Promise<void> {
    await this.brain.request('changePassword', { body: { currentPassword, newPassword } });
  }
}
