import { randomUUID } from 'node:crypto';
import type { TestSocket } from './test-socket.js';
import type { TestUser } from './test-user.js';

/**
 * Brings a socket to the point where everything that was sent to it before has come, by a message of `sender`, which is
 * to himself unless another chat is named.
 */
export async function settle(socket: TestSocket, sender: TestUser, chatId?: string): Promise<void> {
  const text = randomUUID();
  await sender.call('sendMessage', {
    params: { id: chatId ?? (await sender.direct(sender)).id },
    body: { kind: 'text', text, clientMessageId: randomUUID() },
  });
  await socket.next('newMessage', (message) => message.text === text);
}
