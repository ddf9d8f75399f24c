import type { Timeline } from '@natter/client';
import { useCallback, useMemo, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { errorText } from '../ui/error-text.js';
import { showToast } from '../ui/toasts.js';

/** A message to scroll to, the end without one; another object for each time. */
export interface Target {
  readonly key: string | undefined;
}

export interface Jumps {
  /** Where to scroll next, and what to point out there. */
  readonly target: Target | undefined;
  readonly jumpTo: (messageId: string) => void;
  readonly toEnd: () => void;
}

/** Going to messages that may not be loaded, and back to the newest one. */
export function useJumps(timeline: Timeline): Jumps {
  const say = useText();
  const [target, setTarget] = useState<Target>();
  const jumpTo = useCallback(
    (messageId: string): void => {
      const known = timeline
        .getSnapshot()
        .items.find((item) => item.type === 'message' && item.id?.toString() === messageId);
      const found = known ? Promise.resolve(known.key) : timeline.jumpTo({ messageId });
      found.then(
        (key) => {
          if (key === undefined) showToast({ text: say('chat.messageGone') });
          else setTarget({ key });
        },
        (error: unknown) => showToast({ text: errorText(error, say) }),
      );
    },
    [timeline, say],
  );
  const toEnd = useCallback(() => setTarget({ key: undefined }), []);
  return useMemo(() => ({ target, jumpTo, toEnd }), [target, jumpTo, toEnd]);
}
