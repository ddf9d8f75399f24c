import type { ChatItem } from '@natter/client';
import { useEffect, useState } from 'react';
import { fullTime } from '../i18n/dates.js';
import type { Say } from '../i18n/use-text.js';
import { isMuted } from './is-muted.js';

/** The protocol has no "for ever"; this is as good as. */
export const FOR_EVER = '9999-01-01T00:00:00.000Z';
/** A timer that is set for longer runs at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Whether a chat is silent, followed until it no longer is. */
export function useIsMuted(chat: ChatItem): boolean {
  const { mutedUntil } = chat;
  const [, look] = useState(0);
  useEffect(() => {
    const left = mutedUntil === undefined ? 0 : Date.parse(mutedUntil) - Date.now();
    if (left <= 0 || left > LONGEST_TIMER_MS) return;
    const timer = setTimeout(() => look((turn) => turn + 1), left);
    return () => clearTimeout(timer);
  }, [mutedUntil]);
  return isMuted(chat);
}

/** Until when a chat that is muted is silent. */
export function mutedText({ mutedUntil }: ChatItem, locale: string, say: Say): string {
  return mutedUntil === undefined || mutedUntil >= FOR_EVER
    ? say('chats.muted')
    : say('mute.until', { at: fullTime(locale, mutedUntil) });
}
