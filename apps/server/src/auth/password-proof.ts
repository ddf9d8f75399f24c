import type { UserId } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { NatterError } from '../errors/natter-error.js';
import { UsersService } from '../users/users.service.js';
import { LoginLimits } from './login-limits.js';
import { Passwords } from './passwords.js';

/** Lets a logged-in user prove that he is who logged in, before what cannot be taken back. */
@Injectable()
export class PasswordProof {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly limits: LoginLimits,
  ) {}

  /**
   * @param address The network address of the caller, for the limits: failures count as those of a login do.
   * @throws {NatterError} `UNAUTHENTICATED` where the password is wrong, `RATE_LIMITED` after too many that were.
   */
  async require(userId: UserId, password: string, address: string): Promise<void> {
    const credentials = await this.users.credentials(userId);
    if (!credentials) throw new NatterError('UNAUTHENTICATED');
    const attempt = { account: credentials.username, address };
    const requireAllowed = () => this.limits.requireAllowed(attempt);
    await requireAllowed();
    if (!(await this.passwords.verify(password, credentials.passwordHash, requireAllowed))) {
      await this.limits.countFailure(attempt);
      throw new NatterError('UNAUTHENTICATED', 'The current password is wrong');
    }
  }
}
