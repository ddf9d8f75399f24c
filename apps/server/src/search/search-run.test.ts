import { ChatId, UserId } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { newId } from '../database/new-id.js';
import type { Queries } from '../database/database.js';
import { SearchRun } from './search-run.js';
import {
  type Candidate,
  type FoundSpan,
  type HitPlace,
  type Scope,
  SearchRepository,
  type Segment,
} from './search.repository.js';
import { termsOf } from './tokens.js';

const scope: Scope = {
  reader: newId(UserId),
  terms: termsOf('word'),
  chatId: undefined,
  senderId: undefined,
  kind: undefined,
  since: undefined,
  until: undefined,
};

const START = Date.UTC(2024, 0);

function isBefore(hit: Omit<Candidate, 'text'>, place: HitPlace): boolean {
  const [a, b] = [hit.created_at.getTime(), place.at.getTime()];
  if (a !== b) return a < b;
  return hit.chat_id === place.chatId ? hit.seq < place.seq : hit.chat_id < place.chatId;
}

/** How many messages each span in memory has. */
const SPAN = 3;

/** Segments in memory, each of one chat with messages at these minutes. */
class MemorySearch extends SearchRepository {
  readonly all: Candidate[][];
  /** How often messages were read. */
  reads = 0;
  private left = Number.POSITIVE_INFINITY;

  constructor(minutes: readonly (readonly number[])[], text = (seq: number) => `word ${seq}`) {
    super();
    this.all = minutes.map((times) => {
      const chatId = newId(ChatId);
      return times.map((minute, index) => ({
        chat_id: chatId,
        seq: index + 1,
        created_at: new Date(START + minute * 60_000),
        text: text(index + 1),
      }));
    });
  }

  failAfter(reads: number): void {
    this.left = reads;
  }

  override segments(): Promise<Segment[]> {
    const segments = this.all.map((hits, index) => ({
      id: String(index),
      newest_at: newest(hits),
    }));
    return Promise.resolve(
      segments.toSorted((a, b) => b.newest_at.getTime() - a.newest_at.getTime()),
    );
  }

  override spans(
    _queries: Queries,
    _scope: Scope,
    segments: readonly Segment[],
    _after: HitPlace | undefined,
    below: FoundSpan | undefined,
    limit: number,
  ): Promise<FoundSpan[]> {
    const spans = segments
      .flatMap(({ id }) => this.spansOf(this.all[Number(id)] ?? []))
      .toSorted((a, b) => (isBefore(heldBy(a), placeOf(b)) ? 1 : -1))
      .filter((span) => !below || isBefore(heldBy(span), placeOf(below)));
    return Promise.resolve(spans.slice(0, limit));
  }

  override candidates(
    _queries: Queries,
    _scope: Scope,
    spans: readonly FoundSpan[],
    after: HitPlace | undefined,
  ): Promise<Candidate[]> {
    if (this.left === 0) return Promise.reject(new Error('timeout'));
    this.left -= 1;
    this.reads += 1;
    const found = spans.flatMap((span) =>
      this.all
        .flat()
        .filter(
          (hit) => hit.chat_id === span.chat_id && hit.seq >= span.seq && hit.seq <= span.last_seq,
        ),
    );
    return Promise.resolve(found.filter((hit) => !after || isBefore(hit, after)));
  }

  private spansOf(hits: readonly Candidate[]): FoundSpan[] {
    return hits
      .filter((_, index) => index % SPAN === 0)
      .map(({ chat_id, seq }) => {
        const held = hits.slice(seq - 1, seq - 1 + SPAN);
        return {
          segment: '',
          chat_id,
          seq,
          last_seq: seq + held.length - 1,
          newest_at: newest(held),
        };
      });
  }
}

function newest(hits: readonly Candidate[]): Date {
  return new Date(Math.max(...hits.map((hit) => hit.created_at.getTime())));
}

const heldBy = (span: FoundSpan) => ({ ...span, created_at: span.newest_at });
const placeOf = (span: FoundSpan): HitPlace => ({
  at: span.newest_at,
  chatId: span.chat_id,
  seq: span.seq,
});

function sorted(hits: readonly Candidate[]): Candidate[] {
  return hits.toSorted((a, b) =>
    isBefore(a, { at: b.created_at, chatId: b.chat_id, seq: b.seq }) ? 1 : -1,
  );
}

async function page(search: SearchRepository, after: HitPlace | undefined, limit: number) {
  const run = new SearchRun(search, scope, after, limit + 1, performance.now() + 60_000);
  // Nothing of what stands in for the database asks it anything.
  await run.run(undefined as unknown as Queries).catch(() => undefined);
  return { hits: run.settled.slice(0, limit), next: run.continuation(limit), run };
}

async function allPages(search: MemorySearch, limit: number, readsPerPage: number) {
  const found: Candidate[] = [];
  let next: HitPlace | undefined;
  for (let pages = 0; pages < 1000; pages += 1) {
    search.failAfter(readsPerPage);
    const { hits, next: continuation } = await page(search, next, limit);
    found.push(...hits);
    if (!continuation) return found;
    next = continuation;
  }
  throw new Error('the pages do not end');
}

/** Numbers that look as if by chance, the same in every run. */
const scattered = (seed: number) => (seed * 7919 + 13) % 997;

const many = Array.from({ length: 60 }, (_, segment) =>
  Array.from({ length: 1 + (segment % 9) }, (_, index) => scattered(segment * 10 + index) % 50),
);

describe('a search', () => {
  it.each([1, 3, 10, 100])('comes in pages of %i in one order, without repeats', async (limit) => {
    const search = new MemorySearch(many);
    expect(await allPages(search, limit, Number.POSITIVE_INFINITY)).toEqual(
      sorted(search.all.flat()),
    );
  });

  it('stops where nothing newer can be left', async () => {
    const search = new MemorySearch(
      Array.from({ length: 1000 }, (_, index) => [index, index - 0.5]),
    );
    const { hits } = await page(search, undefined, 5);
    expect(hits).toHaveLength(5);
    expect(search.reads).toBe(1);
  });

  it('that is broken off shows what is certain, and goes on from there', async () => {
    const search = new MemorySearch(
      Array.from({ length: 20 }, (_, index) => [1000 - index, -index]),
    );
    search.failAfter(1);
    const first = await page(search, undefined, 50);
    expect(first.run.isPartial).toBe(true);
    expect(first.hits).toEqual(sorted(search.all.flat()).slice(0, 4));
    search.failAfter(Number.POSITIVE_INFINITY);
    const rest = await page(search, first.next, 50);
    expect([...first.hits, ...rest.hits]).toEqual(sorted(search.all.flat()));
  });

  it('that is broken off does not go back before where it began', async () => {
    const search = new MemorySearch([[10, 20, 90]]);
    const after = { at: new Date(START + 50 * 60_000), chatId: newId(ChatId), seq: 1 };
    search.failAfter(0);
    expect(await page(search, after, 3)).toMatchObject({ hits: [], next: after });
    search.failAfter(1);
    expect((await page(search, after, 3)).hits.map(({ seq }) => seq)).toEqual([2, 1]);
  });

  it('goes through more spans than it asks for at once', async () => {
    const search = new MemorySearch([Array.from({ length: 9000 }, (_, index) => index)], (seq) =>
      seq % 4000 === 7 ? 'word' : 'other',
    );
    expect((await allPages(search, 2, Number.POSITIVE_INFINITY)).map(({ seq }) => seq)).toEqual([
      8007, 4007, 7,
    ]);
  });

  it('that has read nothing has nothing, and says so', async () => {
    const search = new MemorySearch([[1]]);
    search.failAfter(0);
    const { hits, run } = await page(search, undefined, 50);
    expect(hits).toEqual([]);
    expect(run.isPartial).toBe(true);
  });

  it('reads on where texts do not fit what their tokens promised', async () => {
    const search = new MemorySearch([Array.from({ length: 500 }, (_, index) => index)], (seq) =>
      seq % 100 === 0 ? 'word' : 'other',
    );
    const { hits, next } = await page(search, undefined, 10);
    expect(hits.map(({ seq }) => seq)).toEqual([500, 400, 300, 200, 100]);
    expect(next).toBeUndefined();
  });
});
