import type { ChatId, UserId } from '@natter/protocol';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Sweep } from '../background/sweep.js';
import { NatterError } from '../errors/natter-error.js';
import { LOGGER, type Logger } from '../logging/logger.js';
import { UsersService } from '../users/users.service.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';

const PAGE = 100;
const SWEEP_INTERVAL_MS = 10 * 60_000;
/** After this no request of a deleted account is under way any more that may still bring it into a group. */
const GRACE_SECONDS = 5 * 60;

/**
 * Takes deleted accounts out of their groups. Each group is left in a transaction of its own, so a departure that is
 * broken off goes on with the groups that are left: at the next start, and every ten minutes.
 */
@Injectable()
export class DeparturesService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sweep: Sweep;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(UsersService)
    private readonly users: Pick<UsersService, 'departing' | 'endDeparture'>,
    @Inject(MembersRepository) private readonly memberships: Pick<MembersRepository, 'chatsOf'>,
    @Inject(MembersService) private readonly members: Pick<MembersService, 'leave'>,
  ) {
    const failure = 'unable to take deleted accounts out of their groups yet';
    this.sweep = new Sweep(logger, failure, () => this.departAll());
  }

  onApplicationBootstrap(): void {
    this.sweep.start(SWEEP_INTERVAL_MS, 'atOnce');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.sweep.stop();
  }

  /** Leaves every group of a deleted account. Never fails: what it cannot do now is done by a later sweep. */
  async depart(userId: UserId): Promise<void> {
    try {
      await this.leaveGroups(userId);
    } catch (error) {
      this.logger.warn({ error, userId }, 'unable to take a deleted account out of its groups yet');
    }
  }

  private async departAll(): Promise<void> {
    let ids: readonly UserId[] = [];
    await this.sweep.inBatches(PAGE, async () => {
      ids = await this.users.departing(ids.at(-1), PAGE);
      for (const id of ids) {
        await this.leaveGroups(id);
        // Otherwise the groups that he has not left yet would keep him for good.
        if (this.sweep.isStopping) break;
        await this.users.endDeparture(id, GRACE_SECONDS);
      }
      return ids.length;
    });
  }

  private async leaveGroups(userId: UserId): Promise<void> {
    let chatIds: readonly ChatId[] = [];
    await this.sweep.inBatches(PAGE, async () => {
      chatIds = await this.memberships.chatsOf(userId, chatIds.at(-1), PAGE, 'group');
      for (const chatId of chatIds) {
        try {
          await this.members.leave({ userId }, chatId);
        } catch (error) {
          // Another node did it, or the group is gone meanwhile.
          if (!(error instanceof NatterError && error.code === 'NOT_FOUND')) throw error;
        }
      }
      return chatIds.length;
    });
  }
}
