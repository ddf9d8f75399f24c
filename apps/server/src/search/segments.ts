/** Entries of a chat's stream whose tokens begin with the same id. The rows say it as well: it is never changed. */
export const SEGMENT_ENTRIES = 4096;

export function segmentOf(seq: number): number {
  return Math.floor(seq / SEGMENT_ENTRIES);
}
