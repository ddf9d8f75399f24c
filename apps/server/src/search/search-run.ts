import { ChatId } from '@natter/protocol';
import * as z from 'zod/mini';
import type { Queries } from '../database/database.js';
import { mapInTurns } from './in-turns.js';
import type { Candidate, HitPlace, Scope, SearchRepository, Segment } from './search.repository.js';
import { snippetOf } from './snippets.js';

/** How many segments are read first, and how many times as many each time after. */
const FIRST_SEGMENTS = 4;
const GROWTH = 4;
const MOST_SEGMENTS = 512;

/** Before every hit of the same moment. */
const HIGHEST_CHAT = z.parse(ChatId, 'ffffffff-ffff-ffff-ffff-ffffffffffff');

function placeOf(candidate: Candidate): HitPlace {
  return { at: candidate.created_at, chatId: candidate.chat_id, seq: candidate.seq };
}

function newestFirst(a: Candidate, b: Candidate): number {
  return (
    b.created_at.getTime() - a.created_at.getTime() ||
    (a.chat_id < b.chat_id ? 1 : a.chat_id > b.chat_id ? -1 : b.seq - a.seq)
  );
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
    return this.isPartial && unknownFrom
      ? { at: unknownFrom, chatId: HIGHEST_CHAT, seq: Number.MAX_SAFE_INTEGER }
      : undefined;
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
    const { scope, wanted } = this;
    let { after } = this;
    let fitting = 0;
    for (;;) {
      const found = await this.search.candidates(queries, scope, segments, after, wanted);
      const fits = await mapInTurns(
        found,
        ({ text }) => snippetOf(text, scope.terms) !== undefined,
      );
      const hits = found.filter((_, index) => fits[index]);
      this.hits.push(...hits);
      fitting += hits.length;
      const last = found.at(-1);
      if (!last || found.length < wanted || fitting >= wanted) return true;
      after = placeOf(last);
      this.unknownFrom = next && next > after.at ? next : after.at;
      if (!this.hasTime()) return false;
    }
  }

  private hasTime(): boolean {
    return performance.now() < this.deadline;
  }
}
