import type { ChatItem, Timeline, TimelineSnapshot } from '@natter/client';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { dayKey } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Spinner } from '../ui/spinner.js';
import { BackButton } from './back-button.js';
import { HistoryError } from './history-error.js';
import { HistoryStart } from './history-start.js';
import { MessageRow } from './message-row.js';
import { rowsOf, stretchAround } from './rows.js';
import { showGoToDate } from './show-go-to-date.js';
import { StickyDate } from './sticky-date.js';
import { ToEndButton } from './to-end-button.js';
import { useAnnouncements } from './use-announcements.js';
import { useHistoryScroll } from './use-history-scroll.js';
import type { Jumps } from './use-jumps.js';
import { useRowFocus } from './use-row-focus.js';

/** How near to an edge the next messages are loaded, in pixels. */
const LOAD_AHEAD = 800;

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
  const { target, inSight } = jumps;
  const { isLoading, error } = snapshot;
  const firstUnreadKey = useFirstUnread(snapshot);
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
  const isAtHead = gapBelow === undefined;
  /** The row above them all, which tells where the chat begins. */
  const offset = hasOlder ? 0 : 1;

  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const scroll = useHistoryScroll({
    list,
    rows,
    offset,
    isAtHead,
    target,
    firstUnreadKey,
    beginsUnread,
  });
  const { focusedKey, onKeyDown, onFocus } = useRowFocus(rows, list, scroller);
  // It stays in the page wherever that is scrolled to: without it the Tab key comes to no message.
  const focusedAt = rows.findIndex(({ key }) => key === focusedKey);
  useAnnouncements(rows, isAtHead);

  const loading = useRef(false);
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

  const { isPlaced, isSettled, isEndInSight } = scroll;
  const [topDay, setTopDay] = useState<string>();
  /** What is in sight has been seen, and what comes next is loaded. */
  const look = useCallback((): void => {
    const view = list.current;
    if (!view || rows.length === 0) return;
    const end = view.scrollOffset + view.viewportSize;
    const top = Math.max(view.findItemIndex(view.scrollOffset) - offset, 0);
    const isBelowDay =
      view.scrollOffset > view.getItemOffset(top + offset) || !rows[top]?.startsDay;
    // Its day stands above it where it is the first one.
    setTopDay((before) => dayShown(before, isBelowDay ? rows[top]?.message.createdAt : undefined));
    const middle = view.findItemIndex((view.scrollOffset + end) / 2) - offset;
    inSight.current = { key: isEndInSight ? undefined : rows[Math.max(middle, 0)]?.key };
    const lowest = rows[Math.min(view.findItemIndex(end - 1) - offset, rows.length - 1)];
    if (lowest && isPlaced.current) timeline.reportVisible(lowest.message);
    if (error || !isSettled.current) return;
    if (hasOlder && view.scrollOffset < LOAD_AHEAD) load(() => timeline.loadOlder(gapAbove));
    else if (gapBelow && view.scrollSize - end < LOAD_AHEAD) {
      load(() => timeline.loadNewer(gapBelow));
    }
  }, [
    inSight,
    isEndInSight,
    rows,
    offset,
    hasOlder,
    gapAbove,
    gapBelow,
    error,
    load,
    timeline,
    isPlaced,
    isSettled,
  ]);
  useEffect(look, [look]);

  return (
    <div className="canvas-dots relative min-h-0 grow">
      <div
        ref={scroller}
        role="list"
        data-history=""
        aria-busy={isLoading}
        aria-label={say('history.label', { name: chat.name })}
        className="flex h-full flex-col overflow-y-auto overscroll-contain pt-4 pb-3 [overflow-anchor:none]"
        onKeyDown={(event) => {
          scroll.onMove();
          onKeyDown(event);
        }}
        onFocus={onFocus}
        onWheel={scroll.onMove}
        onPointerDown={scroll.onMove}
      >
        <div className="grow" />
        <Virtualizer
          key={scroll.stretchKey}
          ref={list}
          scrollRef={scroller}
          shift={scroll.isPrepended}
          keepMounted={focusedAt === -1 ? [] : [focusedAt + offset]}
          bufferSize={600}
          onScroll={() => {
            scroll.onScroll();
            look();
          }}
          onScrollEnd={() => {
            scroll.onScrollEnd();
            look();
          }}
          onResize={() => {
            scroll.onResize();
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
      <div className="pointer-events-none absolute inset-x-4 top-3 flex flex-col items-center gap-2 *:pointer-events-auto">
        {topDay !== undefined && rows.length > 0 && (
          <StickyDate at={topDay} onPress={() => showGoToDate(chat, jumps, say)} />
        )}
        {isLoading && (
          <div className="bg-raised shadow-raised text-brand-text grid size-9 place-items-center rounded-full">
            <Spinner className="size-4.5" />
          </div>
        )}
      </div>
      {rows.length === 0 && error !== undefined && (
        <HistoryError onRetry={() => load(() => timeline.loadOlder())} />
      )}
      {jumps.back && <BackButton onPress={jumps.back} />}
      {!isEndInSight && <ToEndButton unreadCount={chat.unreadCount ?? 0} onPress={jumps.toEnd} />}
    </div>
  );
}

/** The moment whose day is shown: the one before, while the day is the same. */
function dayShown(before: string | undefined, now: string | undefined): string | undefined {
  const isSame = before !== undefined && now !== undefined && dayKey(before) === dayKey(now);
  return isSame ? before : now;
}

/** The first unread message, from the moment on in which everything around it is there. */
function useFirstUnread({ firstUnreadKey, isLoading }: TimelineSnapshot): string | undefined {
  const [isSettled, setSettled] = useState(false);
  // Until then it is the first one of what happens to be loaded.
  if (!isSettled && !isLoading && firstUnreadKey !== undefined) setSettled(true);
  return isSettled ? firstUnreadKey : undefined;
}
