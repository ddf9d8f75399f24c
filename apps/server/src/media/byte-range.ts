import type { ByteRange } from './storage/media-storage.js';

/** What a request asks for: all of it, a part, or something that is not there. */
export type RequestedBytes = ByteRange | 'all' | 'unsatisfiable';

const ONE_RANGE = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i;
const RANGES = /^bytes=/i;

/**
 * Reads a `Range` header (RFC 9110, 14.2). One range is served; several are as good as none that could be satisfied, so
 * that nobody has a file put together from a thousand overlapping parts. What cannot be read is ignored.
 */
export function requestedBytes(header: string | undefined, size: number): RequestedBytes {
  if (header === undefined) return 'all';
  const match = ONE_RANGE.exec(header);
  if (!match) return RANGES.test(header) && header.includes(',') ? 'unsatisfiable' : 'all';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'all';
  return start < size ? { start, end } : 'unsatisfiable';
}

/** Whether an `If-None-Match` header names the tag; weak and strong tags compare alike here (RFC 9110, 13.1.2). */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .map((item) => item.trim().replace(/^W\//, ''))
    .some((item) => item === '*' || item === tag);
}
