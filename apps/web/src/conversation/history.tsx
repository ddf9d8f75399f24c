import type { ChatItem, Timeline, TimelineSnapshot } from '@natter/client';
import { ArrowDown } from 'lucide-react';
import {
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useText } from '../i18n/use-text.js';
import { Spinner } from '../ui/spinner.js';
import { HistoryError } from './history-error.js';
import { HistoryStart } from './history-start.js';
import { MessageRow } from './message-row.js';
import { rowsOf, stretchAround } from './rows.js';
import { useAnnouncements } from './use-announcements.js';
import type { Jumps } from './use-jumps.js';
import { useRowFocus } from './use-row-focus.js';

/** How near to an edge the next messages are loaded, and how near to the end counts as being there, in pixels. */
const LOAD_AHEAD = 800;
const AT_END = 60;
const UNREAD_MARGIN = 96;

interface HistoryProps {
  readonly chat: ChatItem;
  readonly timeline: Timeline;
  readonly snapshot: TimelineSnapshot;
  readonly jumps: Jumps;
  readonly removed: ReadonlySet<string>;
  /** It is to begin at the first unread message, which may have to be loaded. */
  readonly beginsUnread: boolean;
}

/** The messages of a chat, of which only those in sight are there. */
export function History({
  chat,
  timeline,
  snapshot,
  jumps,
  removed,
  beginsUnread,
}: HistoryProps): ReactNode {
  const say = useText();
  const { target } = jumps;
  const { firstUnreadKey, isLoading, error } = snapshot;
  const anchorKey = target ? target.key : firstUnreadKey;
  const { messages, hasOlder, gapAbove, gapBelow } = useMemo(
    () => stretchAround(snapshot, anchorKey),
    [snapshot, anchorKey],
  );
  const rows = useMemo(
    () =>
      rowsOf(
        messages.filter(({ key }) => !removed.has(key)),
        firstUnreadKey,
      ),
    [messages, removed, firstUnreadKey],
  );

  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const isAtEnd = useRef(true);
  const [isEndInSight, setEndInSight] = useState(true);
  const loading = useRef(false);
  // What is in sight before the place is found at which it begins has not been seen.
  const isPlaced = useRef(!beginsUnread);
  const isPrepended = usePrepended(rows[0]?.key, rows);
  const { focusedKey, onKeyDown, onFocus } = useRowFocus(rows, list, scroller);
  useAnnouncements(rows, gapBelow === undefined);

  /** Without the row above them all, which tells where the chat begins. */
  const offset = hasOlder ? 0 : 1;
  const lastIndex = rows.length - 1 + offset;

  const load = useCallback((task: () => Promise<void>): void => {
    if (loading.current) return;
    loading.current = true;
    // What fails is in the snapshot.
    void task()
      .catch(() => undefined)
      .finally(() => {
        loading.current = false;
      });
  }, []);

  const look = useCallback(
    (isScroll = false): void => {
      const view = list.current;
      if (!view || rows.length === 0) return;
      const fromEnd = view.scrollSize - view.scrollOffset - view.viewportSize;
      const isEnd = gapBelow === undefined && fromEnd < AT_END;
      // What grows takes nobody away from the end: only he himself does.
      if (isScroll || isEnd) isAtEnd.current = isEnd;
      setEndInSight(isAtEnd.current);
      const bottom = view.findItemIndex(view.scrollOffset + view.viewportSize - 1);
      const lowest = rows[Math.min(bottom - offset, rows.length - 1)];
      if (lowest && isPlaced.current) timeline.reportVisible(lowest.message);
      if (error) return;
      if (hasOlder && view.scrollOffset < LOAD_AHEAD) load(() => timeline.loadOlder(gapAbove));
      else if (gapBelow && fromEnd < LOAD_AHEAD) load(() => timeline.loadNewer(gapBelow));
    },
    [rows, offset, hasOlder, gapAbove, gapBelow, error, load, timeline],
  );

  /** The user goes where he likes. */
  const place = (): void => {
    isPlaced.current = true;
  };

  const stayAtEnd = useCallback((): void => {
    if (isAtEnd.current && lastIndex >= 0) {
      list.current?.scrollToIndex(lastIndex, { align: 'end' });
    }
  }, [lastIndex]);

  // Where a jump leads to; else the end stays in sight for whoever was there.
  const done = useRef<unknown>(undefined);
  useLayoutEffect(() => {
    if (target && done.current !== target) {
      const index = rows.findIndex(({ key }) => key === target.key);
      isPlaced.current = true;
      if (target.key === undefined) isAtEnd.current = true;
      if (target.key === undefined || index !== -1) done.current = target;
      if (index !== -1) {
        isAtEnd.current = false;
        list.current?.scrollToIndex(index + offset, { align: 'center' });
        return;
      }
    }
    stayAtEnd();
  }, [target, rows, offset, stayAtEnd]);

  // The first unread message, once, if the user has not gone elsewhere yet.
  const shownUnread = useRef(false);
  useLayoutEffect(() => {
    if (shownUnread.current || firstUnreadKey === undefined || target) return;
    const index = rows.findIndex(({ key }) => key === firstUnreadKey);
    if (index === -1) return;
    shownUnread.current = true;
    isPlaced.current = true;
    isAtEnd.current = false;
    list.current?.scrollToIndex(index + offset, { align: 'start', offset: -UNREAD_MARGIN });
  }, [firstUnreadKey, rows, offset, target]);

  useEffect(() => look(), [look]);

  const isLost = rows.length === 0 && error !== undefined;
  return (
    <div className="canvas-dots relative min-h-0 grow">
      <div
        ref={scroller}
        role="list"
        data-history=""
        aria-label={say('history.label', { name: chat.name })}
        className="flex h-full flex-col overflow-y-auto overscroll-contain pt-4 pb-3 [overflow-anchor:none]"
        onKeyDown={(event) => {
          place();
          onKeyDown(event);
        }}
        onFocus={onFocus}
        onWheel={place}
        onPointerDown={place}
      >
        <div className="grow" />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          shift={isPrepended}
          bufferSize={600}
          onScroll={() => look(true)}
          onResize={() => {
            stayAtEnd();
            look();
          }}
        >
          {[
            ...(hasOlder ? [] : [<HistoryStart key="start" chat={chat} />]),
            ...rows.map((row) => (
              <MessageRow
                key={row.key}
                message={row.message}
                startsDay={row.startsDay}
                startsUnread={row.startsUnread}
                startsGroup={row.startsGroup}
                endsGroup={row.endsGroup}
                isGroup={chat.type === 'group'}
                isTarget={target !== undefined && target.key === row.key}
                isFocusable={row.key === focusedKey}
              />
            )),
          ]}
        </Virtualizer>
      </div>
      {isLoading && (
        <div className="bg-raised shadow-raised text-brand-text absolute start-1/2 top-3 grid size-9 -translate-x-1/2 place-items-center rounded-full rtl:translate-x-1/2">
          <Spinner className="size-4.5" />
        </div>
      )}
      {isLost && <HistoryError onRetry={() => load(() => timeline.loadOlder())} />}
      {!isEndInSight && (
        <button
          type="button"
          aria-label={
            chat.unreadCount
              ? say('history.toNew', { count: chat.unreadCount })
              : say('history.toEnd')
          }
          onClick={jumps.toEnd}
          className="bg-raised shadow-raised text-muted hover:text-text animate-appear absolute end-4 bottom-4 grid size-11 place-items-center rounded-full"
        >
          <ArrowDown className="size-5" />
          {chat.unreadCount !== undefined && chat.unreadCount > 0 && (
            <span className="bg-brand text-on-brand absolute -top-2 grid h-5 min-w-5 place-items-center rounded-full px-1.5 text-xs font-semibold">
              {chat.unreadCount}
            </span>
          )}
        </button>
      )}
    </div>
  );
}

/** Whether rows came before those of the last time: what is in sight has to stay there then. */
function usePrepended(firstKey: string | undefined, rows: readonly { key: string }[]): boolean {
  const before = useRef<string>(undefined);
  const known = before.current;
  useLayoutEffect(() => {
    before.current = firstKey;
  });
  return known !== undefined && known !== firstKey && rows.some(({ key }) => key === known);
}
