import type { ChatId, Log } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { ChatsPolicy } from '../chats/chats.policy.js';
import { LogRepository } from '../streams/log.repository.js';
import { joinSkipped } from '../streams/stream-row.js';

/** The stream of a chat, read by number: what a client asks when it sees a gap (SYNC-2). */
@Injectable()
export class LogService {
  constructor(
    private readonly policy: ChatsPolicy,
    private readonly log: LogRepository,
  ) {}

  async read(
    caller: Caller,
    chatId: ChatId,
    { after, limit }: { after: number; limit: number },
  ): Promise<Log> {
    await this.policy.requireMember(caller, chatId);
    const page = await this.log.chatEntriesFor(caller.userId, chatId, after, limit);
    return { ...page, entries: joinSkipped(page.entries) };
  }
}
