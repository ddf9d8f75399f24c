import { inspect, isDeepStrictEqual } from 'node:util';

/** The server did something else than the model says. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/** As JSON carries it: without what is `undefined`. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The first place where two values differ, and what is there. */
function difference(actual: unknown, expected: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  if (isRecord(actual) && isRecord(expected)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    for (const key of keys) {
      const found = difference(actual[key], expected[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
  }
  return `at ${path || 'the top'}: ${inspect(actual, { depth: 4 })}, not ${inspect(expected, { depth: 4 })}`;
}

/** @throws {Mismatch} where a value is not what the model says. */
export function requireEqual(actual: unknown, expected: unknown, what: string): void {
  const found = difference(plain(actual), plain(expected));
  if (found !== undefined) throw new Mismatch(`${what}, ${found}`);
}
