'use client';

import { createChatClient } from '@natter/client';
import { indexedDb } from '@natter/client/indexeddb';
import { ChatProvider, useChats, useConnection } from '@natter/client/react';

// Also read on the server, where there is neither a page nor a database.
const client = createChatClient({ url: 'http://localhost:3000', store: indexedDb() });

export function Chat() {
  return (
    <ChatProvider client={client}>
      <Chats />
    </ChatProvider>
  );
}

function Chats() {
  const { status } = useConnection();
  const chats = useChats();
  return (
    <p>
      page: {status}, {chats.length} chats
    </p>
  );
}
