import type { Answer } from './http.js';
import { isObjectOf, isString } from './guards.js';

const OK = '200';

/** One login, times as `performance.now()` counts. */
export interface Login {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  /** As `outcomeOf` says. */
  readonly outcome: string;
}

/** The logins that were asked for in a span of time. */
export interface LoginFigures {
  readonly asked: number;
  /** How many had which outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Logins that were carried out in the span, per second; also of those that were asked for before it. */
  readonly carriedOutPerSecond: number;
  /** From the request to the answer, of those that were carried out; `NaN` of none. */
  readonly meanMs: number;
}

const isProblem = isObjectOf<{ readonly code: string }>({ code: isString });

/** The status of an answer, and the code of the refusal where it is one. */
export function outcomeOf({ status, body }: Answer): string {
  return isProblem(body) ? `${status} ${body.code}` : String(status);
}

export function figuresOf(logins: readonly Login[], startMs: number, endMs: number): LoginFigures {
  const isWithin = (atMs: number): boolean => atMs >= startMs && atMs < endMs;
  const asked = logins.filter(({ askedAtMs }) => isWithin(askedAtMs));
  const times = asked
    .filter(({ outcome }) => outcome === OK)
    .map(({ askedAtMs, answeredAtMs }) => answeredAtMs - askedAtMs);
  const carriedOut = logins.filter(
    ({ outcome, answeredAtMs }) => outcome === OK && isWithin(answeredAtMs),
  );
  return {
    asked: asked.length,
    outcomes: countOf(asked.map(({ outcome }) => outcome)),
    carriedOutPerSecond: carriedOut.length / ((endMs - startMs) / 1000),
    meanMs: times.reduce((sum, ms) => sum + ms, 0) / times.length,
  };
}

/** How often each refusal came, over several loads. */
export function refusalsOf(
  figures: readonly Pick<LoginFigures, 'outcomes'>[],
): Readonly<Record<string, number>> {
  const refusals: Record<string, number> = {};
  for (const { outcomes } of figures) {
    for (const [outcome, count] of Object.entries(outcomes)) {
      if (outcome !== OK) refusals[outcome] = (refusals[outcome] ?? 0) + count;
    }
  }
  return refusals;
}

function countOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
