/** Whether somebody is looking: always, where there is no page. */
export function isAttentive(): boolean {
  return (
    typeof document === 'undefined' ||
    (document.visibilityState === 'visible' && document.hasFocus())
  );
}

/** Calls back when the page comes to be looked at. @returns what ends that. */
export function onAttention(listener: () => void): () => void {
  if (typeof document === 'undefined') return () => undefined;
  const heard = (): void => {
    if (isAttentive()) listener();
  };
  addEventListener('focus', heard);
  document.addEventListener('visibilitychange', heard);
  return () => {
    removeEventListener('focus', heard);
    document.removeEventListener('visibilitychange', heard);
  };
}

/** Calls back when the network may be another one: it came back, or the device slept. @returns what ends that. */
export function onNetwork(listener: () => void): () => void {
  if (typeof document === 'undefined') return () => undefined;
  const shown = (): void => {
    if (document.visibilityState === 'visible') listener();
  };
  addEventListener('online', listener);
  document.addEventListener('visibilitychange', shown);
  return () => {
    removeEventListener('online', listener);
    document.removeEventListener('visibilitychange', shown);
  };
}

/**
 * Runs a task while nobody else of this origin runs one under the same name: other tabs and workers wait. Without a name,
 * or where there are no such locks, it just runs.
 */
export async function exclusively<T>(name: string | undefined, task: () => Promise<T>): Promise<T> {
  if (name === undefined || typeof navigator === 'undefined' || !('locks' in navigator)) {
    return task();
  }
  return navigator.locks.request(name, task);
}
