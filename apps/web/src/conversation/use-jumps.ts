import type { Timeline, TimelinePlace } from '@natter/client';
import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';
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
  /** To the first message of a moment (ISO 8601) or after it; to the end, where there is none. */
  readonly jumpToTime: (at: string) => void;
  readonly toEnd: () => void;
  /** To where the last jump came from; absent where there was none. */
  readonly back: (() => void) | undefined;
  /** What is in sight at the moment, kept by what shows it: where a jump comes from. */
  readonly inSight: RefObject<Target>;
}

/** Going to messages that may not be loaded, back to where one came from, and to the newest one. */
export function useJumps(timeline: Timeline): Jumps {
  const say = useText();
  const [target, setTarget] = useState<Target>();
  const [origins, setOrigins] = useState<readonly Target[]>([]);
  const inSight = useRef<Target>({ key: undefined });

  const go = useCallback(
    (found: Promise<string | undefined>, instead: () => void): void => {
      const origin = inSight.current;
      found.then(
        (key) => {
          if (key === undefined) {
            instead();
            return;
          }
          setOrigins((before) => [...before, origin]);
          setTarget({ key });
        },
        (error: unknown) => showToast({ text: errorText(error, say) }),
      );
    },
    [say],
  );
  const toEnd = useCallback(() => {
    setOrigins([]);
    setTarget({ key: undefined });
  }, []);
  const jumpTo = useCallback(
    (messageId: string): void => {
      const known = timeline
        .getSnapshot()
        .items.find((item) => item.type === 'message' && item.id?.toString() === messageId);
      const place: TimelinePlace = { messageId };
      go(known ? Promise.resolve(known.key) : timeline.jumpTo(place), () =>
        showToast({ text: say('chat.messageGone') }),
      );
    },
    [timeline, go, say],
  );
  const jumpToTime = useCallback(
    (at: string): void => go(timeline.jumpTo({ at }), toEnd),
    [timeline, go, toEnd],
  );
  const origin = origins.at(-1);
  const back = useMemo(() => {
    if (!origin) return undefined;
    return (): void => {
      setOrigins((before) => before.slice(0, -1));
      setTarget({ ...origin });
    };
  }, [origin]);
  return useMemo(
    () => ({ target, jumpTo, jumpToTime, toEnd, back, inSight }),
    [target, jumpTo, jumpToTime, toEnd, back],
  );
}
