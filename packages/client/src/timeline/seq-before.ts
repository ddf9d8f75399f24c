import type { ChatId } from '@natter/protocol';
import type { Brain } from '../engine/brain.js';

/**
 * The number above which a chat's messages are of a moment (milliseconds since 1970) or later. The server knows messages
 * by their numbers alone, whose times ascend with them: they are halved, which takes some 16 requests in a chat of 50,000.
 */
export async function seqBefore(
  request: Brain['request'],
  chatId: ChatId,
  { at, lastSeq }: { readonly at: number; readonly lastSeq: number },
): Promise<number> {
  let [low, high] = [0, lastSeq];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { items } = await request('getHistory', {
      params: { id: chatId },
      query: { after: middle, limit: 1 },
    });
    const [next] = items;
    if (next && Date.parse(next.createdAt) < at) low = next.seq;
    else high = middle;
  }
  return low;
}
