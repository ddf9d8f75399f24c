import type { User } from '@natter/client';
import { useChatClient } from '@natter/client/react';
import { useAnswer } from '../ui/use-answer.js';
import { useSettled } from '../ui/use-settled.js';

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
