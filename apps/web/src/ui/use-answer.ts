import { useConnection } from '@natter/client/react';
import { useEffect, useState } from 'react';

interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: unknown;
}

/**
 * What the server answers to a question, asked again when `keys` change and after each reconnection. The answer before
 * stays until the next one.
 */
export function useAnswer<T>(ask: () => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const { status } = useConnection();
  const [loaded, setLoaded] = useState<Loaded<T>>({ value: undefined, error: undefined });
  const isLive = status === 'live';
  useEffect(() => {
    if (!isLive) return;
    let isCurrent = true;
    ask().then(
      (value) => {
        if (isCurrent) setLoaded({ value, error: undefined });
      },
      (error: unknown) => {
        if (isCurrent) setLoaded((before) => ({ ...before, error }));
      },
    );
    return () => {
      isCurrent = false;
    };
    // `ask` is written in place, and another one each time.
  }, [isLive, ...keys]);
  return loaded;
}
