import { useConnection } from '@natter/client/react';
import { useEffect } from 'react';

/** Does something each time that the server can be reached again: what failed without it is tried anew. */
export function useWhenLive(act: () => void): void {
  const isLive = useConnection().status === 'live';
  useEffect(() => {
    if (isLive) act();
  }, [isLive, act]);
}
