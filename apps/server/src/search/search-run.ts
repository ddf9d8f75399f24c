import { ChatId } from '@natter/protocol';
import * as z from 'zod/mini';
import type { Queries } from '../database/database.js';
import { mapInTurns } from './in-turns.js';
import type {
  Candidate,
  FoundSpan,
  HitPlace,
  Scope,
  SearchRepository,
  Segment,
} from './search.repository.js';
import { snippetOf } from './snippets.js';

/** How many segments are read first, and how many times as many each time after. */
const FIRST_SEGMENTS = 4;
const GROWTH = 4;
const MOST_SEGMENTS = 512;
/** Spans that are asked for at once. */
const MOST_SPANS = 1024;
/** Entries whose messages are read first, how many times as many each time after, and at most. */
const FIRST_ENTRIES = 64;
const MOST_ENTRIES = 2048;

/** Before every hit of the same moment. */
const HIGHEST_CHAT = z.parse(ChatId, 'ffffffff-ffff-ffff-ffff-ffffffffffff');

type Placed = Pick<Candidate, 'created_at' | 'chat_id' | 'seq'>;

function placeOf(candidate: Candidate): HitPlace {
  return { at: candidate.created_at, chatId: candidate.chat_id, seq: candidate.seq };
}

/** The spans in parts, each with more entries than the one before. */
function* partsOf(spans: readonly FoundSpan[]): Generator<readonly FoundSpan[]> {
  let [from, to] = [0, 0];
  for (
    let size = FIRST_ENTRIES;
    from < spans.length;
    size = Math.min(size * GROWTH, MOST_ENTRIES)
  ) {
    for (let entries = 0; to < spans.length && entries < size; to += 1) {
      const span = spans[to];
      if (span) entries += span.last_seq - span.seq + 1;
    }
    yield spans.slice(from, to);
    from = to;
  }
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (!a || !b) return a ?? b;
  return a > b ? a : b;
}

function newestFirst(a: Placed, b: Placed): number {
  return (
    b.created_at.getTime() - a.created_at.getTime() ||
    (a.chat_id < b.chat_id ? 1 : a.chat_id > b.chat_id ? -1 : b.seq - a.seq)
  );
}

/** Whether the hit comes before everything in the span. */
function isBefore(hit: Candidate, span: FoundSpan): boolean {
  const { newest_at: at, chat_id: chatId, last_seq: seq } = span;
  return newestFirst(hit, { created_at: at, chat_id: chatId, seq }) < 0;
}

/**
 * One search from the newest segment to the oldest, until as many hits are known as are wanted: those that are newer
 * than everything in the segments that were not read. What it has found stays with it when it is broken off.
 */
export class SearchRun {
  private hits: Candidate[] = [];
  /** Everything newer is known. Absent before anything was read. */
  private unknownFrom: Date | undefined;
  private isComplete = false;

  constructor(
    private readonly search: SearchRepository,
    private readonly scope: Scope,
    private readonly after: HitPlace | undefined,
    private readonly wanted: number,
    private readonly deadline: number,
  ) {}

  /** The hits for certain, the newest first. */
  get settled(): Candidate[] {
    const sorted = this.hits.toSorted(newestFirst);
    if (this.isComplete) return sorted;
    const { unknownFrom } = this;
    return unknownFrom ? sorted.filter((hit) => hit.created_at > unknownFrom) : [];
  }

  /** From where a next page goes on after the first settled hits; absent where there is no next page. */
  continuation(shown: number): HitPlace | undefined {
    const { settled, unknownFrom } = this;
    const last = settled[shown - 1];
    if (last && settled.length > shown) return placeOf(last);
    if (!this.isPartial || !unknownFrom) return undefined;
    const { after } = this;
    // Never back before where it began: what it has not read may reach there.
    if (after && after.at <= unknownFrom) return after;
    return { at: unknownFrom, chatId: HIGHEST_CHAT, seq: Number.MAX_SAFE_INTEGER };
  }

  /** Whether it was broken off before it knew as much as was wanted. */
  get isPartial(): boolean {
    return !this.isComplete && this.settled.length < this.wanted;
  }

  async run(queries: Queries): Promise<void> {
    const segments = await this.search.segments(queries, this.scope, this.after);
    let [read, size] = [0, FIRST_SEGMENTS];
    this.unknownFrom = segments[0]?.newest_at;
    while (read < segments.length && this.settled.length < this.wanted && this.hasTime()) {
      const batch = segments.slice(read, read + size);
      read += batch.length;
      const next = segments[read]?.newest_at;
      if (!(await this.read(queries, batch, next))) return;
      this.unknownFrom = next;
      size = Math.min(size * GROWTH, MOST_SEGMENTS);
    }
    this.isComplete = read >= segments.length;
  }

  /** `false` where there was no time for all that is wanted of the segments. */
  private async read(
    queries: Queries,
    segments: readonly Segment[],
    next: Date | undefined,
  ): Promise<boolean> {
    let below: FoundSpan | undefined;
    const fitting: Candidate[] = [];
    for (;;) {
      const { scope, after } = this;
      const spans = await this.search.spans(queries, scope, segments, after, below, MOST_SPANS);
      const rest = spans.length < MOST_SPANS ? undefined : spans.at(-1);
      let read = 0;
      for (const part of partsOf(spans)) {
        fitting.push(...(await this.hitsIn(queries, part)));
        read += part.length;
        const unread = spans[read] ?? rest;
        if (!unread) return true;
        // All that is wanted of these segments is newer than what is not read of them.
        if (fitting.filter((hit) => isBefore(hit, unread)).length >= this.wanted) return true;
        this.unknownFrom = later(next, unread.newest_at);
        if (!this.hasTime()) return false;
      }
      if (!rest) return true;
      below = rest;
    }
  }

  private async hitsIn(queries: Queries, spans: readonly FoundSpan[]): Promise<Candidate[]> {
    const found = await this.search.candidates(queries, this.scope, spans, this.after);
    const fits = await mapInTurns(
      found,
      ({ text }) => snippetOf(text, this.scope.terms) !== undefined,
    );
    const hits = found.filter((_, index) => fits[index]);
    this.hits.push(...hits);
    return hits;
  }

  private hasTime(): boolean {
    return performance.now() < this.deadline;
  }
}
