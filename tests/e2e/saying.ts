import { randomUUID } from 'node:crypto';
import type { TestUser } from '@natter/testing';

const AT_ONCE = 100;

/** Has somebody send numbered messages, in their order. */
export async function sayMany(user: TestUser, chatId: string, count: number): Promise<void> {
  const socket = await user.connect();
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - sent) }, (_, index) => ({
      chatId,
      clientMessageId: randomUUID(),
      text: `Message number ${sent + index + 1} of ${count}`,
    }));
    await Promise.all(batch.map((input) => socket.command('sendMessage', input)));
  }
  user.disconnect();
}

/** Has somebody send one message. */
export async function say(user: TestUser, chatId: string, text: string): Promise<void> {
  const body = { kind: 'text', text, clientMessageId: randomUUID() };
  await user.call('sendMessage', { params: { id: chatId }, body });
}
