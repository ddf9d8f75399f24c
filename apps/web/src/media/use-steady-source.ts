import { useCallback, useState } from 'react';
import { useWhenLive } from '../ui/use-when-live.js';

export interface SteadySource {
  readonly src: string | undefined;
  /** It was tried with every address there is. */
  readonly isFailed: boolean;
  readonly onError: () => void;
}

/**
 * An address for an element that loads by itself. Links are renewed every few minutes; what is loaded or plays goes on
 * with the one it began with, and takes the newest when that does not hold any more.
 */
export function useSteadySource(newest: string | undefined): SteadySource {
  const [held, hold] = useState(newest);
  const [failed, setFailed] = useState<string>();
  if (held === undefined && newest !== undefined) hold(newest);
  const isFailed = failed !== undefined && failed === newest;
  // It had failed with all there was, and there is another one now.
  if (failed !== undefined && held === failed && !isFailed && newest !== undefined) hold(newest);
  const onError = useCallback((): void => {
    if (newest !== undefined && newest !== held) hold(newest);
    else setFailed(held);
  }, [newest, held]);
  useWhenLive(useCallback(() => setFailed(undefined), []));
  return { src: isFailed ? undefined : held, isFailed, onError };
}
