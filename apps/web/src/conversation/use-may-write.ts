import type { ChatItem } from '@natter/client';
import { useChatClient, useReadable } from '@natter/client/react';

/** Whether this user can write in a chat, or what keeps him from it. */
export function useMayWrite({ peer, settings, role }: ChatItem): 'yes' | 'blocked' | 'adminsOnly' {
  const client = useChatClient();
  const blocked = useReadable(client.users.blocked);
  if (peer && blocked.includes(peer.id)) return 'blocked';
  return settings?.send === 'admins' && role === 'member' ? 'adminsOnly' : 'yes';
}
