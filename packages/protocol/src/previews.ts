import { shownLimits } from './limits.js';

/** What a reply shows of a text that it answers. */
export function previewOf(text: string): string {
  // A code point has at most two units: the rest of a long text is not even looked at.
  const start = text.slice(0, 2 * shownLimits.previewLength);
  return Array.from(start).slice(0, shownLimits.previewLength).join('');
}
