import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import type { Row } from './rows.js';
import type { Target } from './use-jumps.js';

/** How near to the end counts as being there, and what is left above the first unread message, in pixels. */
const AT_END = 60;
const UNREAD_MARGIN = 96;

/** A row that stays where it was scrolled to while others come before it, until the user goes elsewhere. */
interface Hold {
  readonly key: string | undefined;
  readonly align: 'start' | 'center';
  readonly offset?: number;
  readonly isShown?: boolean;
}

interface HistoryScroll {
  /** Another one for each stretch: what was measured of one says nothing of another. */
  readonly stretchKey: number;
  /** Rows came before those of the last time: what is in sight has to stay there. */
  readonly isPrepended: boolean;
  readonly isEndInSight: boolean;
  /** Whether what is in sight is where the user is to be, or went himself. */
  readonly isPlaced: RefObject<boolean>;
  /** Nothing is being scrolled to: rows that come now do not disturb it. */
  readonly isSettled: RefObject<boolean>;
  readonly onScroll: () => void;
  readonly onScrollEnd: () => void;
  readonly onResize: () => void;
  /** The user goes where he likes. */
  readonly onMove: () => void;
}

interface HistoryScrollOptions {
  readonly list: RefObject<VirtualizerHandle | null>;
  readonly rows: readonly Row[];
  /** How many rows stand above the first message. */
  readonly offset: number;
  /** The newest messages are among the rows. */
  readonly isAtHead: boolean;
  readonly target: Target | undefined;
  readonly firstUnreadKey: string | undefined;
  /** It is to begin at the first unread message, which may have to be loaded. */
  readonly beginsUnread: boolean;
}

/** How the rows of this time follow those of the last one. */
function useStretch(rows: readonly Row[]): { stretchKey: number; isPrepended: boolean } {
  const last = useRef<{ first: string | undefined; keys: ReadonlySet<string>; stretch: number }>({
    first: undefined,
    keys: new Set(),
    stretch: 0,
  });
  const { first, keys, stretch } = last.current;
  const isOther = keys.size > 0 && !rows.some(({ key }) => keys.has(key));
  const stretchKey = isOther ? stretch + 1 : stretch;
  const isPrepended =
    first !== undefined && rows[0]?.key !== first && rows.some(({ key }) => key === first);
  useLayoutEffect(() => {
    if (rows.length === 0) return;
    last.current = {
      first: rows[0]?.key,
      keys: new Set(rows.map(({ key }) => key)),
      stretch: stretchKey,
    };
  }, [rows, stretchKey]);
  return { stretchKey, isPrepended };
}

/** Where the history is scrolled to: to what was jumped to, to the first unread message, and along with the end. */
export function useHistoryScroll(options: HistoryScrollOptions): HistoryScroll {
  const { list, rows, offset, isAtHead, target, firstUnreadKey, beginsUnread } = options;
  const { stretchKey, isPrepended } = useStretch(rows);
  const isAtEnd = useRef(true);
  /** The user scrolls, and not the list by itself, as it does while it finds out how high pictures are. */
  const isMoving = useRef(false);
  const isPlaced = useRef(!beginsUnread);
  const [isEndInSight, setEndInSight] = useState(true);
  // Called back between two renders, so that what they see has to be of now.
  const now = useRef(options);
  useLayoutEffect(() => {
    now.current = options;
  });

  const look = useCallback(
    (isByScrolling: boolean): void => {
      const view = list.current;
      if (!view) return;
      const fromEnd = view.scrollSize - view.scrollOffset - view.viewportSize;
      const isEnd = now.current.isAtHead && fromEnd < AT_END;
      // What grows takes nobody away from the end: only he himself does.
      if ((isByScrolling && isMoving.current) || isEnd) isAtEnd.current = isEnd;
      setEndInSight(isAtEnd.current);
    },
    [list],
  );

  const stayAtEnd = useCallback((): void => {
    const { rows: shown, offset: above, isAtHead: isHead } = now.current;
    const last = shown.length - 1 + above;
    if (isAtEnd.current && isHead && last >= 0) list.current?.scrollToIndex(last, { align: 'end' });
  }, [list]);

  const hold = useRef<Hold>(undefined);
  const isSettled = useRef(true);
  const [done, unreadShown] = [useRef<Target>(undefined), useRef(false)];
  useLayoutEffect(() => {
    const indexOf = (wanted: string | undefined): number =>
      rows.findIndex(({ key }) => key === wanted);
    if (target && done.current !== target) {
      done.current = target;
      isMoving.current = false;
      isPlaced.current = true;
      isAtEnd.current = target.key === undefined;
      hold.current = target.key === undefined ? undefined : { key: target.key, align: 'center' };
    } else if (!target && !unreadShown.current && indexOf(firstUnreadKey) !== -1) {
      unreadShown.current = true;
      isPlaced.current = true;
      isAtEnd.current = false;
      hold.current = { key: firstUnreadKey, align: 'start', offset: -UNREAD_MARGIN };
    }
    const index = indexOf(hold.current?.key);
    if (hold.current && index !== -1) {
      const [place, { isShown }] = [hold.current, hold.current];
      if (!isShown) {
        isSettled.current = false;
        list.current?.scrollToIndex(index + offset, place);
        hold.current = { ...place, isShown: true };
        return;
      }
      // The list moves by itself for what came before, not always by enough: it is put right after that.
      const frame = requestAnimationFrame(() => list.current?.scrollToIndex(index + offset, place));
      return () => cancelAnimationFrame(frame);
    }
    stayAtEnd();
  }, [list, target, rows, offset, firstUnreadKey, stayAtEnd]);

  /** Rows that are measured late, on a busy machine, leave what was scrolled to out of sight. @returns whether they did. */
  const scrollAgain = useCallback((): boolean => {
    const [view, place] = [list.current, hold.current];
    const { rows: shown, offset: above } = now.current;
    const found = place ? shown.findIndex(({ key }) => key === place.key) : -1;
    if (!view || !place?.isShown || found === -1) return false;
    const start = view.getItemOffset(found + above);
    const end = start + view.getItemSize(found + above);
    const isInSight = end > view.scrollOffset && start < view.scrollOffset + view.viewportSize;
    if (!isInSight) view.scrollToIndex(found + above, place);
    return !isInSight;
  }, [list]);

  useEffect(() => look(false), [look, rows, isAtHead]);

  return {
    stretchKey,
    isPrepended,
    isEndInSight,
    isPlaced,
    isSettled,
    onScrollEnd: useCallback(() => {
      isSettled.current = !scrollAgain();
      if (isAtEnd.current) isMoving.current = false;
      stayAtEnd();
    }, [scrollAgain, stayAtEnd]),
    onScroll: useCallback(() => look(true), [look]),
    onResize: useCallback(() => {
      stayAtEnd();
      look(false);
    }, [stayAtEnd, look]),
    onMove: useCallback(() => {
      isMoving.current = true;
      isPlaced.current = true;
      isSettled.current = true;
      hold.current = undefined;
    }, []),
  };
}
