import type { ChatItem } from '@natter/client';

/** Whether a chat is silent now: the time until which it was muted may be over. */
export function isMuted({ mutedUntil }: ChatItem): boolean {
  return mutedUntil !== undefined && Date.parse(mutedUntil) > Date.now();
}
