import { setTimeout as wait } from 'node:timers/promises';
import type { ChatId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queries } from '../database/database.js';
import { mapInTurns } from './in-turns.js';
import {
  type EntryRange,
  type IndexedMessage,
  SearchIndexRepository,
} from './search-index.repository.js';
import { TOKENIZER, type Tokenizer } from './tokenizer.js';

/** New entries that one transaction indexes. The more they are, the less each costs: a list of a token is written once. */
const BATCH_ENTRIES = 4000;
/** Those that it indexes again, beside what is new. */
const REINDEXED_ENTRIES = 1000;

/**
 * Messages whose tokens one statement writes, and for how long nothing is written after it. Where sends share a core with
 * the index, one of them would otherwise wait until the scheduler takes the core away from it, each time that it has to
 * be read, stored or answered: many milliseconds, in a tenth of the time at 1,000 messages a second.
 */
const PORTION = 20;
const PAUSE_MS = 1;
/** What is more than so many is written at once, which takes less in all. */
const MOST_PORTIONS = 100;

/** Whether there is more to index again: `held` where other nodes have all that is left. */
export type Reindexing = 'more' | 'held' | 'done';

export interface Progress {
  /** Chats that are still behind. */
  readonly left: readonly ChatId[];
  /** `false` where there was nothing to index, or other nodes hold all of it. */
  readonly advanced: boolean;
}

interface Tokenized {
  readonly message: IndexedMessage;
  readonly tokens: readonly string[];
}

function keyOf({ chat_id: chatId, seq }: Pick<IndexedMessage, 'chat_id' | 'seq'>): string {
  return `${chatId}:${seq}`;
}

/** Brings the index up to what is committed, one transaction at a time. */
@Injectable()
export class SearchIndexing {
  /** Less after a failure: so many of the longest texts would take longer than a statement may. */
  private batchEntries = BATCH_ENTRIES;

  constructor(
    private readonly database: Database,
    private readonly index: SearchIndexRepository,
    @Inject(TOKENIZER) private readonly tokenizer: Tokenizer,
  ) {}

  /** Chats with ids above `after` that are behind. */
  behind(after: ChatId | undefined, limit: number): Promise<ChatId[]> {
    return this.index.behind(this.database, after, limit);
  }

  /** Indexes what is new in the chats, or a part of it. */
  async catchUp(chatIds: readonly ChatId[]): Promise<Progress> {
    try {
      const progress = await this.advance(chatIds, this.batchEntries);
      this.batchEntries = Math.min(BATCH_ENTRIES, this.batchEntries * 2);
      return progress;
    } catch (error) {
      this.batchEntries = Math.ceil(this.batchEntries / 4);
      throw error;
    }
  }

  private async advance(chatIds: readonly ChatId[], batchEntries: number): Promise<Progress> {
    const behind = await this.index.behindAmong(this.database, chatIds);
    if (behind.length === 0) return { left: [], advanced: false };
    const progress = await this.database.transaction().execute(async (queries) => {
      const positions = await this.index.claim(queries, behind, this.tokenizer.version);
      if (positions.length === 0) return 'none';
      const entries = Math.ceil(batchEntries / positions.length);
      const ranges = positions.map((position): EntryRange => ({
        chatId: position.chat_id,
        after: position.indexed_seq,
        upTo: Math.min(position.last_seq, position.indexed_seq + entries),
      }));
      await this.write(queries, await this.index.changedIn(queries, ranges));
      await this.index.moveTo(
        queries,
        ranges.map(({ chatId, upTo }) => [chatId, upTo]),
      );
      const isAll =
        positions.length === behind.length &&
        ranges.every(({ upTo }, index) => upTo === positions[index]?.last_seq);
      return isAll ? 'all' : 'some';
    });
    return {
      left: progress === 'all' ? [] : await this.index.behindAmong(this.database, behind),
      advanced: progress !== 'none',
    };
  }

  /** Indexes once more a part of what an older version indexed. */
  async reindex(): Promise<Reindexing> {
    const { version } = this.tokenizer;
    const isClaimed = await this.database.transaction().execute(async (queries) => {
      const chat = await this.index.claimOutdated(queries, version);
      if (!chat) return false;
      const { chat_id: chatId, indexed_seq: upTo, reindexed_seq: after } = chat;
      const range = { chatId, after, upTo };
      const messages = await this.index.messagesIn(queries, range, REINDEXED_ENTRIES);
      await this.write(queries, messages);
      const last = messages.at(-1);
      if (last && messages.length === REINDEXED_ENTRIES) {
        await this.index.setReindexed(queries, chatId, last.seq);
      } else {
        await this.index.endReindexing(queries, chatId, version);
      }
      return true;
    });
    if (isClaimed) return 'more';
    return (await this.index.hasOutdated(this.database, version)) ? 'held' : 'done';
  }

  private async write(queries: Queries, messages: readonly IndexedMessage[]): Promise<void> {
    const unique = new Map(messages.map((message) => [keyOf(message), message]));
    const read = await mapInTurns(unique.values(), (message): Tokenized => ({
      message,
      tokens: message.text === null ? [] : this.tokenizer.tokensOf(message.text),
    }));
    const found = read.filter(({ tokens }) => tokens.length > 0);
    const gone = read.filter(({ tokens }) => tokens.length === 0);
    if (found.length > 0) {
      await this.writeTokens(queries, await this.stillThere(queries, found));
      await this.index.settle(queries);
    }
    await this.index.erase(
      queries,
      gone.map(({ message }) => message),
    );
  }

  /** In one statement where much is to be caught up with, otherwise a little at a time. */
  private async writeTokens(queries: Queries, entries: readonly Tokenized[]): Promise<void> {
    if (entries.length === 0) return;
    const prefixOf = await this.index.prefixes(
      queries,
      entries.map(({ message }) => message),
    );
    const isBehind = entries.length > MOST_PORTIONS * PORTION;
    const size = isBehind ? entries.length : PORTION;
    for (let from = 0; from < entries.length; from += size) {
      if (from > 0) await wait(PAUSE_MS);
      await this.index.write(queries, entries.slice(from, from + size), prefixOf);
    }
  }

  /** Without those whose time is over: they may be purged by now, and nobody takes away what is written then (MSG-7). */
  private async stillThere(
    queries: Queries,
    entries: readonly Tokenized[],
  ): Promise<readonly Tokenized[]> {
    const timed = entries.filter(({ message }) => message.expires_at !== null);
    const held = await this.index.holdTimed(
      queries,
      timed.map(({ message }) => message),
    );
    const keys = new Set(held.map(keyOf));
    return entries.filter(({ message }) => message.expires_at === null || keys.has(keyOf(message)));
  }
}
