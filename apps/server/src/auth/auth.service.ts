import {
  type LoginInput,
  type RegisterInput,
  type Session,
  type User,
  UserId,
} from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type * as z from 'zod/mini';
import { Database } from '../database/database.js';
import { newId } from '../database/new-id.js';
import { type DeviceSession, DevicesService } from '../devices/devices.service.js';
import { NatterError } from '../errors/natter-error.js';
import type { Authenticator } from '../identity/authenticator.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './access-tokens.js';
import type { Caller } from '../identity/caller.js';
import { LoginLimits } from './login-limits.js';
import { Passwords } from './passwords.js';

@Injectable()
export class AuthService implements Authenticator {
  constructor(
    private readonly database: Database,
    private readonly users: UsersService,
    private readonly devices: DevicesService,
    private readonly passwords: Passwords,
    private readonly accessTokens: AccessTokens,
    private readonly limits: LoginLimits,
  ) {}

  /** @param address The network address of the caller, for the limits. */
  async register(input: z.output<typeof RegisterInput>, address: string): Promise<Session> {
    await this.limits.requireAllowed({ address });
    const passwordHash = await this.passwords.hash(input.password);
    try {
      return await this.createAccount(input, passwordHash);
    } catch (error) {
      // Names that are taken are how names are guessed.
      if (error instanceof NatterError) await this.limits.countFailure({ address });
      throw error;
    }
  }

  /** @param address The network address of the caller, for the limits. */
  async login(input: z.output<typeof LoginInput>, address: string): Promise<Session> {
    const attempt = { username: input.username, address };
    await this.limits.requireAllowed(attempt);
    const account = await this.users.findForLogin(input.username);
    const right = await this.passwords.verify(input.password, account?.passwordHash);
    if (!account || !right) {
      await this.limits.countFailure(attempt);
      throw new NatterError('UNAUTHENTICATED', 'The username or the password is wrong');
    }
    const session = await this.devices.beginSession(this.database, account.user.id, input.device);
    return this.toSession(account.user, session);
  }

  async authenticate(token: string | undefined): Promise<Caller> {
    if (token === undefined || token === '') throw new NatterError('UNAUTHENTICATED');
    const { userId, deviceId, generation } = await this.accessTokens.verify(token);
    await this.devices.requireSession(userId, deviceId, generation);
    return { userId, deviceId };
  }

  private async createAccount(
    input: z.output<typeof RegisterInput>,
    passwordHash: string,
  ): Promise<Session> {
    const { user, session } = await this.database.transaction().execute(async (transaction) => {
      const user = await this.users.create(transaction, {
        id: newId(UserId),
        username: input.username,
        displayName: input.displayName ?? input.username,
        passwordHash,
      });
      const session = await this.devices.beginSession(transaction, user.id, input.device);
      return { user, session };
    });
    return this.toSession(user, session);
  }

  private async toSession(
    user: User,
    { device, generation, refreshToken }: DeviceSession,
  ): Promise<Session> {
    const accessToken = await this.accessTokens.issue({
      userId: user.id,
      deviceId: device.id,
      generation,
    });
    return { user, device, accessToken, refreshToken, expiresInMs: this.accessTokens.lifetimeMs };
  }
}
