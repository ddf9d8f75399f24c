/** This moment, as every line of a ledger carries it. */
export function now(): { at: string; monotonicMs: number } {
  return { at: new Date().toISOString(), monotonicMs: performance.now() };
}
