import {
  type ChangePasswordInput,
  type LoginInput,
  type RegisterInput,
  type Session,
  type Tokens,
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
import type { Caller } from '../identity/caller.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { UsersService } from '../users/users.service.js';
import { AccessTokens } from './access-tokens.js';
import { LoginLimits } from './login-limits.js';
import { PasswordProof } from './password-proof.js';
import { Passwords } from './passwords.js';

function wrongLogin(): NatterError {
  return new NatterError('UNAUTHENTICATED', 'The username or the password is wrong');
}

@Injectable()
export class AuthService implements Authenticator {
  constructor(
    private readonly database: Database,
    private readonly users: UsersService,
    private readonly devices: DevicesService,
    private readonly passwords: Passwords,
    private readonly accessTokens: AccessTokens,
    private readonly limits: LoginLimits,
    private readonly proof: PasswordProof,
    private readonly changes: StreamChanges,
  ) {}

  /** @param address The network address of the caller, for the limits. */
  async register(input: z.output<typeof RegisterInput>, address: string): Promise<Session> {
    const requireAllowed = () => this.limits.requireAllowed({ address });
    await requireAllowed();
    await this.limits.countRegistration(address);
    const passwordHash = await this.passwords.hash(input.password, requireAllowed);
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
    const deviceId = input.device?.id;
    const account = await this.users.findForLogin(input.username, deviceId);
    const attempt = {
      username: input.username,
      address,
      ...(account?.knowsDevice && { knownDeviceId: deviceId }),
    };
    await this.limits.requireAllowed(attempt);
    const right = await this.passwords.verify(input.password, account?.passwordHash, () =>
      this.limits.requireAllowed(attempt),
    );
    if (!account || !right) {
      await this.limits.countFailure(attempt);
      throw wrongLogin();
    }
    const { user, passwordHash } = account;
    const session = await this.devices.begin(user.id, input.device, passwordHash);
    // The password was changed, or the account deleted, while it was being verified.
    if (!session) throw wrongLogin();
    return this.toSession(user, session);
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    return this.toTokens(await this.devices.refresh(refreshToken));
  }

  async logout(caller: Caller): Promise<void> {
    // Of two logouts at once the second finds nothing left to end.
    await this.devices.end(caller);
  }

  /** @throws {NatterError} `UNAUTHENTICATED` where the current password is wrong. */
  async changePassword(
    caller: Caller,
    { currentPassword, newPassword }: z.output<typeof ChangePasswordInput>,
    address: string,
  ): Promise<void> {
    const requireUnchanged = await this.proof.require(caller, currentPassword, address);
    const newHash = await this.passwords.hash(newPassword);
    await this.changes.run({ userIds: [caller.userId] }, async (change) => {
      await requireUnchanged(change.queries);
      await this.users.setPasswordHash(change.queries, caller.userId, newHash);
      await this.devices.revokeAllIn(change, caller.userId, [caller.deviceId]);
    });
  }

  async identify(token: string | undefined): Promise<Caller> {
    if (token === undefined || token === '') throw new NatterError('UNAUTHENTICATED');
    return this.accessTokens.verify(token);
  }

  confirm(caller: Caller): Promise<void> {
    return this.devices.requireSession(caller);
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
      return { user, session: await this.devices.beginFirst(transaction, user.id, input.device) };
    });
    return this.toSession(user, session);
  }

  private toSession(user: User, session: DeviceSession): Session {
    return { user, device: session.device, ...this.toTokens(session) };
  }

  private toTokens({ userId, device, generation, rotation, refreshToken }: DeviceSession): Tokens {
    const accessToken = this.accessTokens.issue({
      userId,
      deviceId: device.id,
      generation,
      rotation,
    });
    return { accessToken, refreshToken, expiresInMs: this.accessTokens.lifetimeMs };
  }
}
