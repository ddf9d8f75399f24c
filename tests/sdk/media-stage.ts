import { createHash, randomBytes } from 'node:crypto';
import type { ChatClient, MediaItem, MessageItem } from '@natter/client';
import { type TusUploadsOptions, tusTransfer, uploadsBy } from '@natter/client/uploads';
import { vi } from 'vitest';
import { PATIENCE } from './stage.js';

/** The messages that a client shows of a chat. */
export function messagesOf(client: ChatClient, chatId: string): MessageItem[] {
  const { items } = client.chats.open(chatId).timeline().getSnapshot();
  return items.filter(
    (item): item is MessageItem => item.type === 'message' && item.kind !== 'system',
  );
}

/** The files of the last message that a client shows of a chat. */
export function lastMediaOf(client: ChatClient, chatId: string): readonly MediaItem[] {
  return messagesOf(client, chatId).at(-1)?.media ?? [];
}

export function fileOf(
  bytes: number,
  name = 'a file.bin',
  type = 'application/octet-stream',
): File {
  return new File([new Uint8Array(randomBytes(bytes))], name, { type });
}

export async function sha256(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return createHash('sha256').update(bytes).digest('hex');
}

/** The hash of what a client gets of a file that the server has, by a link. */
export async function receivedHash(client: ChatClient, id = ''): Promise<string> {
  const { url } = await client.media.link(id);
  return sha256(await (await fetch(url)).blob());
}

export async function untilSent(client: ChatClient): Promise<void> {
  await vi.waitFor(() => {
    if (client.outbox.getSnapshot().length > 0) throw new Error('not all is sent');
  }, PATIENCE);
}

/**
 * Uploads of which no request but the first ones gets through until more are allowed: those that are on their way stand
 * still at a place that is known.
 */
export function gatedUploads(requests: number, options: TusUploadsOptions = {}) {
  const transfer = tusTransfer(options);
  const gate = { asked: 0, allowed: requests };
  const waiting = new Set<() => void>();
  const uploads = uploadsBy({
    ...transfer,
    send: (request) =>
      transfer.send({
        ...request,
        token: async () => {
          gate.asked += 1;
          const turn = gate.asked;
          while (turn > gate.allowed) await new Promise<void>((resolve) => waiting.add(resolve));
          return request.token();
        },
      }),
  });
  const allow = (more = Infinity): void => {
    gate.allowed += more;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  return { uploads, allow };
}
