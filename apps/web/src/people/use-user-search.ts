import type { User } from '@natter/client';
import { useChatClient } from '@natter/client/react';
import { useEffect, useState } from 'react';
import { useAnswer } from '../ui/use-answer.js';

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

export interface FoundUsers {
  readonly users: readonly User[] | undefined;
  readonly error: unknown;
}

/** Users whose names fit what is being typed; all, while nothing is. */
export function useUserSearch(query: string): FoundUsers {
  const client = useChatClient();
  const settled = useSettled(query.trim());
  const { value, error } = useAnswer(
    () => client.users.search(settled === '' ? undefined : settled),
    [client, settled],
  );
  return { users: value?.items, error };
}
