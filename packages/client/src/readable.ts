/**
 * A value that changes over time, without a framework: what React's `useSyncExternalStore`, Svelte's stores and Vue's
 * `shallowRef` all can be made of. What has not changed is the same object as before.
 */
export interface Readable<T> {
  getSnapshot(): T;
  /** Calls back after each change, until the function that it returns is called. */
  subscribe(listener: () => void): () => void;
}

/** Those who want to hear of changes. One that throws does not keep the others from hearing. */
export class Listeners {
  private readonly listeners = new Set<() => void>();

  add(listener: () => void): () => void {
    // Wrapped, so that the same function can be added twice and removed once.
    const own = (): void => listener();
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  notify(): void {
    for (const listener of new Set(this.listeners)) {
      try {
        listener();
      } catch (error) {
        reportError(error);
      }
    }
  }
}

/** Lets the host see an error that is none of ours, as an uncaught one, without stopping what was going on. */
export function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Whether two values are the same, or two lists or plain objects of the same values. */
export function isShallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && Object.is(value, right.get(key)))
  );
}

/** A list of which each item keeps its identity: the same list where all of its items are the same. */
export function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => Object.is(item, b[index])));
}

/**
 * A part of a readable value. Its listeners are called only where the part has changed, judged by `isEqual`
 * (`isShallowEqual` where the selector makes a new object each time).
 */
export function select<T, S>(
  source: Readable<T>,
  selector: (value: T) => S,
  isEqual: (a: S, b: S) => boolean = Object.is,
): Readable<S> {
  let last: { readonly value: T; readonly selected: S } | undefined;
  const getSnapshot = (): S => {
    const value = source.getSnapshot();
    if (last && Object.is(last.value, value)) return last.selected;
    const selected = selector(value);
    last = { value, selected: last && isEqual(last.selected, selected) ? last.selected : selected };
    return last.selected;
  };
  return {
    getSnapshot,
    subscribe: (listener) => {
      let before = getSnapshot();
      return source.subscribe(() => {
        const now = getSnapshot();
        if (Object.is(before, now)) return;
        before = now;
        listener();
      });
    },
  };
}
