import { useOutbox } from '@natter/client/react';

/** How many messages wait to be sent. */
export function useWaitingSends(): number {
  return useOutbox().filter(({ command }) => command.startsWith('send')).length;
}
