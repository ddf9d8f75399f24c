import type { Chat } from '@natter/protocol';
import type { TestUser } from '@natter/testing';

/** The client ids of all messages of a chat since `chat` was read, by their numbers. */
export async function readMessages(user: TestUser, chat: Chat): Promise<Map<number, string>> {
  const stored = new Map<number, string>();
  for (let after = chat.lastSeq; ;) {
    const { body } = await user.call('getLog', {
      params: { id: chat.id },
      query: { after, limit: 500 },
    });
    for (const { event, payload } of body.entries) {
      if (event !== 'newMessage') continue;
      after = payload.seq;
      if (payload.clientMessageId !== undefined) stored.set(after, payload.clientMessageId);
    }
    if (!body.hasMore) return stored;
  }
}
