import { type FocusEvent, type KeyboardEvent, type RefObject, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';

interface RowFocus {
  /** The row that the Tab key comes to. */
  readonly focusedKey: string | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocus: (event: FocusEvent) => void;
}

const ROW = '[data-row]';

function rowOf(target: EventTarget): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(ROW) : null;
}

/** One stop of the Tab key for the whole history, in which the arrow keys go from message to message. */
export function useRowFocus(
  rows: readonly { readonly key: string }[],
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLElement | null>,
): RowFocus {
  const [wanted, setWanted] = useState<string>();
  const focusedKey = rows.some(({ key }) => key === wanted) ? wanted : rows.at(-1)?.key;

  function focus(key: string): void {
    setWanted(key);
    requestAnimationFrame(() => {
      scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus();
    });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rowOf(event.target);
    if (row !== event.target || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = rows.findIndex(({ key }) => key === row?.dataset['row']);
    const places: Readonly<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      Home: 0,
      End: rows.length - 1,
    };
    const place = places[event.key];
    const next = place === undefined ? undefined : rows[place];
    if (place === undefined || !next) return;
    event.preventDefault();
    list.current?.scrollToIndex(place, { align: 'nearest' });
    focus(next.key);
  }

  return {
    focusedKey,
    onKeyDown,
    onFocus: (event) => {
      const key = rowOf(event.target)?.dataset['row'];
      if (key !== undefined) setWanted(key);
    },
  };
}
