import type { ChatHandle } from '@natter/client';
import { useCallback, useEffect, useRef } from 'react';

/**
 * Marks as seen what was in sight while the user was there: with a page in the background it waits.
 *
 * @returns takes the `seq` of the last message in sight; `undefined` where that is the end of the chat.
 */
export function useSeen(handle: ChatHandle): (seq: number | undefined) => void {
  const inSight = useRef<{ readonly seq: number | undefined }>(undefined);
  const mark = useCallback((): void => {
    if (inSight.current && document.visibilityState === 'visible' && document.hasFocus()) {
      handle.markSeen(inSight.current.seq);
    }
  }, [handle]);
  useEffect(() => {
    addEventListener('focus', mark);
    document.addEventListener('visibilitychange', mark);
    return () => {
      removeEventListener('focus', mark);
      document.removeEventListener('visibilitychange', mark);
    };
  }, [mark]);
  return useCallback(
    (seq) => {
      inSight.current = { seq };
      mark();
    },
    [mark],
  );
}
