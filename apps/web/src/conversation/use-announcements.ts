import { useMe } from '@natter/client/react';
import { useEffect, useRef } from 'react';
import { announce } from '../ui/announcer.js';
import { useSummarizer } from './message-summary.js';
import type { Row } from './rows.js';

/** Has new messages of the open chat read out: who wrote, and what. */
export function useAnnouncements(rows: readonly Row[], isAtHead: boolean): void {
  const me = useMe();
  const summarize = useSummarizer();
  const last = rows.at(-1)?.message;
  const lastSeq = useRef<number>(undefined);
  useEffect(() => {
    const seq = last?.seq;
    if (!isAtHead || !last || seq === undefined) return;
    const isNew = lastSeq.current !== undefined && seq > lastSeq.current;
    lastSeq.current = seq;
    if (!isNew || last.senderId === me?.id) return;
    const text = summarize(last);
    announce(last.kind === 'system' ? text : `${last.sender.displayName}: ${text}`);
  }, [last, isAtHead, me, summarize]);
}
