import { isDeepStrictEqual } from 'node:util';
import type { Chat, ChatId, PreferencesInput } from '@natter/protocol';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../identity/caller.js';
import { StreamChanges } from '../streams/stream-changes.js';
import { ChatsPolicy } from './chats.policy.js';
import { ChatsService } from './chats.service.js';
import { type Preferences, PreferencesRepository } from './preferences.repository.js';

/** When something was set that may hold already: then, and now only where it is new. */
function since(before: Date | null, wanted: boolean | null | undefined, now: Date): Date | null {
  if (wanted === undefined) return before;
  return wanted ? (before ?? now) : null;
}

/** A time that is over mutes nothing: it is the same as none. */
function future(time: Date | null, now: Date): Date | null {
  return time && time > now ? time : null;
}

/** What holds after a change. What the input leaves out stays; what it sets again stays as it was, with its time. */
function changed(before: Preferences, input: PreferencesInput, now: Date): Preferences {
  const { mutedUntil, pinned, archived, markedUnread } = input;
  const wantedMute = mutedUntil == null ? null : new Date(mutedUntil);
  return {
    mutedUntil: future(mutedUntil === undefined ? before.mutedUntil : wantedMute, now),
    pinnedAt: since(before.pinnedAt, pinned, now),
    archivedAt: since(before.archivedAt, archived, now),
    markedUnread: markedUnread === undefined ? before.markedUnread : markedUnread === true,
  };
}

/** What a member sets for himself in a chat. It concerns nobody else, so it needs the lock of his own stream alone. */
@Injectable()
export class PreferencesService {
  constructor(
    private readonly policy: ChatsPolicy,
    private readonly chats: ChatsService,
    private readonly preferences: PreferencesRepository,
    private readonly changes: StreamChanges,
  ) {}

  /**
   * Sets what the input names and tells all of the user's devices; where nothing changes, nobody is told.
   * `markedUnread` ends by itself when his seen mark moves.
   *
   * @throws {NatterError} `NOT_FOUND` to strangers.
   */
  async set(caller: Caller, chatId: ChatId, input: PreferencesInput): Promise<Chat> {
    const { userId } = caller;
    await this.changes.run({ userIds: [userId] }, async (change) => {
      // Every removal holds this stream as well, so that none comes between the check and the change.
      await this.policy.requireMember(caller, chatId, change.queries);
      const now = await this.preferences.now(change.queries);
      const stored = await this.preferences.read(change.queries, chatId, userId);
      const before = { ...stored, mutedUntil: future(stored.mutedUntil, now) };
      const after = changed(before, input, now);
      if (isDeepStrictEqual(after, before)) return;
      await this.preferences.write(change.queries, chatId, userId, after);
      // A run of pages asks for the unpinned: these alone move a chat down in the list.
      const unpinned = before.pinnedAt && !after.pinnedAt;
      await change.appendToUser({
        userId,
        event: 'chatPreferencesChanged',
        chatId,
        ...(unpinned && { details: { unpinned: true } }),
      });
    });
    return this.chats.requireOwn(userId, chatId);
  }
}
