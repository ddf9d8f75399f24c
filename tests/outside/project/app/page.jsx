import { createChatClient } from '@natter/client';
import { Chat } from './chat.jsx';

// On the server: a client that nobody has connected.
export default function Page() {
  const { status } = createChatClient({ url: 'http://localhost:3000' }).state;
  return (
    <main>
      <p>server: {status}</p>
      <Chat />
    </main>
  );
}
