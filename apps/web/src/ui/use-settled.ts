import { useEffect, useState } from 'react';

const PAUSE_MS = 200;

/** A value that follows another one after a pause, so that not each letter asks the server. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
