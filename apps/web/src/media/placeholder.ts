import { thumbHashToDataURL } from 'thumbhash';

/** As many as have room in a chat that is scrolled through. */
const MOST_KEPT = 300;
const kept = new Map<string, string | undefined>();

function decoded(thumbhash: string): string | undefined {
  try {
    return thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (part) => part.charCodeAt(0)));
  } catch {
    // The uploader says what it is: anything that is no such hash shows nothing.
    return undefined;
  }
}

/** The address of a blurred picture, made of the few bytes that came with the message. */
export function placeholderUrl(thumbhash: string | undefined): string | undefined {
  if (thumbhash === undefined) return undefined;
  if (!kept.has(thumbhash)) {
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(thumbhash, decoded(thumbhash));
  }
  return kept.get(thumbhash);
}
