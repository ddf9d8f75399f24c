import { Injectable } from '@nestjs/common';
import type { Queries } from '../database/database.js';
import { DevicesService } from '../devices/devices.service.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { UsersService } from '../users/users.service.js';
import { LoginLimits } from './login-limits.js';
import { Passwords } from './passwords.js';

/** Lets a logged-in user prove that he is who logged in, before what cannot be taken back. */
@Injectable()
export class PasswordProof {
  constructor(
    private readonly users: UsersService,
    private readonly devices: DevicesService,
    private readonly passwords: Passwords,
    private readonly limits: LoginLimits,
  ) {}

  /**
   * Resolves with a check to be run where the change is made, under the lock of the user's stream: what was proven may
   * have been changed, and the session ended, while the password waited for its turn.
   *
   * @param address The network address of the caller, for the limits: failures count as those of a login do.
   * @throws {NatterError} `UNAUTHENTICATED` where the password is wrong, `RATE_LIMITED` after too many that were.
   */
  async require(
    caller: Caller,
    password: string,
    address: string,
  ): Promise<(queries: Queries) => Promise<void>> {
    const credentials = await this.users.credentials(caller.userId);
    if (!credentials) throw new NatterError('UNAUTHENTICATED');
    const { username, passwordHash } = credentials;
    const attempt = { username, address, knownDeviceId: caller.deviceId };
    const requireAllowed = () => this.limits.requireAllowed(attempt);
    await requireAllowed();
    if (!(await this.passwords.verify(password, passwordHash, requireAllowed))) {
      await this.limits.countFailure(attempt);
      throw new NatterError('UNAUTHENTICATED', 'The current password is wrong');
    }
    return async (queries) => {
      const now = await this.users.credentials(caller.userId, queries);
      if (now?.passwordHash !== passwordHash) {
        throw new NatterError('UNAUTHENTICATED', 'The current password is wrong');
      }
      await this.devices.requireSession(caller, queries);
    };
  }
}
