import { isDeepStrictEqual } from 'node:util';
import type { ChatId, Draft, UserId, UserSeqOutput } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { Queries } from '../database/database.js';
import { NatterError } from '../errors/natter-error.js';
import type { Caller } from '../identity/caller.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { ChatsPolicy } from './chats.policy.js';
import { PreferencesRepository } from './preferences.repository.js';

/** What a member has begun to write, on all of his devices and nobody else's. */
@Injectable()
export class DraftsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly policy: ChatsPolicy,
    private readonly preferences: PreferencesRepository,
    private readonly changes: StreamChanges,
  ) {}

  /** Forgets what a user has begun to write anywhere, of whom nothing is to be left. */
  forget(queries: Queries, userId: UserId): Promise<void> {
    return this.preferences.forgetDrafts(queries, userId);
  }

  /**
   * Keeps a draft in the place of the one before. One without text and without a message that it replies to is none.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers, and where the caller cannot see what it replies to; `TOO_LARGE`.
   */
  set(
    caller: Caller,
    chatId: ChatId,
    { text = '', replyToId }: Partial<Draft>,
  ): Promise<UserSeqOutput> {
    const { draftBytes } = this.config.limits;
    if (Buffer.byteLength(text) > draftBytes) {
      throw new NatterError('TOO_LARGE', `A draft has at most ${draftBytes} bytes`);
    }
    const draft = text || replyToId ? { text, ...(replyToId && { replyToId }) } : undefined;
    const { userId } = caller;
    return this.changes.run({ userIds: [userId] }, async (change) => {
      const { queries } = change;
      await this.policy.requireMember(caller, chatId, queries);
      if (replyToId && !(await this.preferences.sees(queries, chatId, userId, replyToId))) {
        throw new NatterError('NOT_FOUND', 'The message that this replies to is not there');
      }
      const before = await this.preferences.draft(queries, chatId, userId);
      if (isDeepStrictEqual(before, draft)) return {};
      await this.preferences.setDraft(queries, chatId, userId, draft);
      return { userSeq: await change.appendToUser({ userId, event: 'draftChanged', chatId }) };
    });
  }
}
