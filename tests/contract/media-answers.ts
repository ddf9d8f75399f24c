import { randomUUID } from 'node:crypto';
import type { Message } from '@natter/protocol';
import type { TestSocket, TestUser } from '@natter/testing';
import { expect } from 'vitest';

/** What must happen may take its time on a machine that is busy. */
export const PATIENCE = { timeout: 30_000, interval: 50 };

export async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

/** Reads all of an answer, so that its connection is free for the next request. */
export async function statusOf(answer: Promise<Response>): Promise<number> {
  const response = await answer;
  await response.arrayBuffer();
  return response.status;
}

/** Sends uploads that are there, by the socket of their uploader. */
export async function sendMedia(
  socket: TestSocket,
  chatId: string,
  mediaIds: string[],
  input: object = {},
): Promise<Message> {
  const all = { chatId, clientMessageId: randomUUID(), mediaIds, ...input };
  return (await socket.command('sendMedia', all)).message;
}

/** The address by which somebody opens a file without a token. */
export async function linkTo(user: TestUser, id: string): Promise<string> {
  const { body } = await user.call('createMediaLinks', { body: { ids: [id] } });
  expect(body.map((link) => link.id)).toEqual([id]);
  return body[0]?.url ?? '';
}
