import type { DeleteAccountInput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type * as z from 'zod/mini';
import { DeparturesService } from '../chats/departures.service.js';
import { DraftsService } from '../chats/drafts.service.js';
import { DevicesService } from '../devices/devices.service.js';
import type { Caller } from '../identity/caller.js';
import { MediaService } from '../media/media.service.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { UsersService } from '../users/users.service.js';
import { PasswordProof } from './password-proof.js';

/** The end of an account. */
@Injectable()
export class AccountService {
  constructor(
    private readonly users: UsersService,
    private readonly devices: DevicesService,
    private readonly proof: PasswordProof,
    private readonly changes: StreamChanges,
    private readonly departures: DeparturesService,
    private readonly drafts: DraftsService,
    private readonly media: MediaService,
  ) {}

  /**
   * Deletes the caller's account. Names, login and sessions end in one transaction; leaving his groups takes one for
   * each, and goes on later where it is broken off.
   *
   * @param address The network address of the caller, for the limits.
   * @throws {NatterError} `UNAUTHENTICATED` where the password is wrong.
   */
  async delete(
    caller: Caller,
    { password }: z.output<typeof DeleteAccountInput>,
    address: string,
  ): Promise<void> {
    const { userId } = caller;
    const requireUnchanged = await this.proof.require(caller, password, address);
    await this.changes.run({ userIds: [userId] }, async (change) => {
      await requireUnchanged(change.queries);
      await this.users.erase(change.queries, userId);
      await this.drafts.forget(change.queries, userId);
      await this.media.eraseUnsent(change.queries, userId);
      await this.devices.eraseIn(change, userId);
    });
    // Before he leaves the groups by whose members he is known.
    await this.users.tellOfErasure(userId);
    await this.departures.depart(userId);
  }
}
