import { setTimeout as wait } from 'node:timers/promises';
import type { ChatId } from '@natter/protocol';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queries } from '../database/database.js';
import { readInTurns } from './in-turns.js';
import {
  type EntryRange,
  type PrefixedSpan,
  SearchIndexRepository,
} from './search-index.repository.js';
import { type IndexedMessage, type Span, SPAN_ENTRIES, SpanBuilder } from './spans.js';
import { TOKENIZER, type Tokenizer } from './tokenizer.js';

/** New entries that one transaction indexes. The more they are, the less each costs: a list of a token is written once. */
const BATCH_ENTRIES = 4000;
/** Those that it indexes again, beside what is new. */
const REINDEXED_ENTRIES = 1000;
/** Spans whose messages are read at once when something in each of them has changed. */
const SPANS_AT_ONCE = 250;

/**
 * Tokens that one statement writes, and for how long nothing is written after it. Where sends share a core with the
 * index, one of them would otherwise wait until the scheduler takes the core away from it, each time that it has to be
 * read, stored or answered: many milliseconds, in a tenth of the time at 1,000 messages a second.
 */
const PORTION_TOKENS = 600;
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

/** Spans in parts of that many tokens, or a little more. */
function portionsOf(spans: readonly PrefixedSpan[]): PrefixedSpan[][] {
  const portions: PrefixedSpan[][] = [];
  let room = 0;
  for (const span of spans) {
    if (room <= 0) {
      portions.push([]);
      room = PORTION_TOKENS;
    }
    portions.at(-1)?.push(span);
    room -= span.tokens.rests.size;
  }
  return portions;
}

function keyOf({ chat_id: chatId, seq }: { chat_id: ChatId; seq: number }): string {
  return `${chatId}:${seq}`;
}

/** Those that disappear; each is a span of its own. */
function timedOf({ messages }: Span): readonly IndexedMessage[] {
  return messages.filter((message) => message.expires_at !== null);
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
      const share = Math.ceil(batchEntries / positions.length);
      // As whole spans, so that few are left half full.
      const entries = Math.max(share - (share % SPAN_ENTRIES), Math.min(share, SPAN_ENTRIES));
      const ranges = positions.map((position): EntryRange => ({
        chatId: position.chat_id,
        after: position.indexed_seq,
        upTo: Math.min(position.last_seq, position.indexed_seq + entries),
      }));
      await this.write(queries, ranges);
      const changed = await this.index.changedBefore(queries, ranges);
      const around = await this.index.spansAround(queries, changed);
      for (let from = 0; from < around.length; from += SPANS_AT_ONCE)
        await this.write(queries, around.slice(from, from + SPANS_AT_ONCE));
      await this.index.settle(queries);
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
      const { chat_id: chatId, indexed_seq: indexedSeq, reindexed_seq: after } = chat;
      const bound = Math.min(after + REINDEXED_ENTRIES, indexedSeq);
      // To the end of what is indexed as one.
      const [around] = await this.index.spansAround(queries, [{ chat_id: chatId, seq: bound }]);
      const upTo = around?.upTo ?? bound;
      await this.write(queries, [{ chatId, after, upTo }]);
      await this.index.settle(queries);
      if (upTo < indexedSeq) await this.index.setReindexed(queries, chatId, upTo);
      else await this.index.endReindexing(queries, chatId, version);
      return true;
    });
    if (isClaimed) return 'more';
    return (await this.index.hasOutdated(this.database, version)) ? 'held' : 'done';
  }

  /** Indexes the ranges as they are now, whatever the index has of them. */
  private async write(queries: Queries, ranges: readonly EntryRange[]): Promise<void> {
    const messages = await this.index.messagesIn(queries, ranges);
    const builder = new SpanBuilder();
    // Each in its span at once: the tokens of thousands of messages are more than the collector moves in passing.
    await readInTurns(messages, (message) => {
      if (message.text !== null) builder.add(message, this.tokenizer.tokensOf(message.text));
    });
    const spans = await this.holdStillThere(queries, builder.spans);
    await this.index.erase(queries, ranges);
    if (spans.length > 0)
      await this.writeSpans(queries, await this.index.withPrefixes(queries, spans));
  }

  /** In one statement where much is to be caught up with, otherwise a little at a time. */
  private async writeSpans(queries: Queries, spans: readonly PrefixedSpan[]): Promise<void> {
    const portions = portionsOf(spans);
    if (portions.length > MOST_PORTIONS) return this.index.write(queries, spans);
    for (const [index, portion] of portions.entries()) {
      if (index > 0) await wait(PAUSE_MS);
      await this.index.write(queries, portion);
    }
  }

  /** Without those whose time is over: they may be purged by now, and nobody takes away what is written then (MSG-7). */
  private async holdStillThere(queries: Queries, spans: readonly Span[]): Promise<readonly Span[]> {
    const timed = spans.flatMap(timedOf);
    if (timed.length === 0) return spans;
    const keys = new Set((await this.index.holdTimed(queries, timed)).map(keyOf));
    return spans.filter((span) => timedOf(span).every((message) => keys.has(keyOf(message))));
  }
}
