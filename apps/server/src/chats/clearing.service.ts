import type { ChatId, UserSeqOutput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import { invalid } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { ChatsPolicy } from './chats.policy.js';
import { PreferencesRepository } from './preferences.repository.js';

/** Hides a chat's past from one member, from all of his devices, for as long as he is one (MSG-4, CHAT-3). */
@Injectable()
export class ClearingService {
  constructor(
    private readonly policy: ChatsPolicy,
    private readonly preferences: PreferencesRepository,
    private readonly changes: StreamChanges,
  ) {}

  /**
   * Hides everything up to and including `upToSeq`; what is hidden stays hidden by a lower one.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers, `INVALID` beyond the chat's `lastSeq`.
   */
  clear(caller: Caller, chatId: ChatId, upToSeq: number): Promise<UserSeqOutput> {
    const { userId } = caller;
    return this.changes.run({ userIds: [userId] }, async (change) => {
      const { lastSeq } = await this.policy.requireMember(caller, chatId, change.queries);
      if (upToSeq > lastSeq) throw invalid('upToSeq', 'is beyond the end of the chat');
      if (!(await this.preferences.clear(change.queries, chatId, userId, upToSeq))) return {};
      const details = { upToSeq };
      return {
        userSeq: await change.appendToUser({ userId, event: 'chatCleared', chatId, details }),
      };
    });
  }
}
