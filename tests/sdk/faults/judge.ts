import { type ChatClient, isShallowEqual } from '@natter/client';
import type { Message } from '@natter/protocol';
import type { TestUser } from '@natter/testing';
import { expect, vi } from 'vitest';
import { expectedOf, readSnapshot, shownBy } from '../../contract/state/snapshot.js';
import type { Actor, Patience } from './actor.js';
import { contentOf, hashOf, type Written } from './content.js';

/**
 * What the client shows is what the server has, and it was told of each message once; what it wrote is there once, in its
 * order, with the bytes of its files.
 */
export async function judge(actor: Actor, what: string, patience: Patience): Promise<void> {
  await expectSameAsServer(actor, what, patience);
  const { client, user, written, hidden, toldAgain } = actor;
  expect(toldAgain, `${what}: told again`).toEqual([]);
  for (const [chatId, all] of written) {
    if (!client.data.getSnapshot()?.chats.has(client.chats.open(chatId).id)) continue;
    const stored = await readOwn(client, user, chatId);
    for (const message of stored) {
      const meant = all.find(({ key }) => key === message.key);
      if (meant) expect(contentOf(message), `${what}: its content`).toBe(contentOf(meant));
    }
    const wanted = all.map(contentOf);
    const found = stored.map(contentOf).filter((content) => wanted.includes(content));
    expect(new Set(found).size, `${what}: doubled`).toBe(found.length);
    // What he deleted for himself is not in his history any more, unless that was refused.
    const visible = all
      .filter((one) => !hidden.has(one.key) || found.includes(contentOf(one)))
      .map(contentOf);
    expect(found, `${what}: what was written`).toEqual(visible);
  }
}

async function expectSameAsServer(
  { client, user }: Actor,
  what: string,
  patience: Patience,
): Promise<void> {
  const compare = async (): Promise<void> => {
    const snapshot = await readSnapshot(user);
    const state = client.data.getSnapshot();
    if (!state) throw new Error('There is no state');
    const expected = expectedOf(snapshot, state);
    const shown = shownBy(state);
    if (!isShallowEqual(shown, expected)) expect(shown, what).toEqual(expected);
  };
  let last: Promise<void> = Promise.resolve();
  try {
    await vi.waitFor(() => {
      last = compare();
      return last;
    }, patience);
  } finally {
    // Nothing is to be asked of the server after the run.
    await last.catch(() => undefined);
  }
}

/** What the server has of a user's messages in a chat, in its order, with what it serves by the links of their files. */
async function readOwn(client: ChatClient, user: TestUser, chatId: string): Promise<Written[]> {
  const own: Written[] = [];
  for (const message of await historyOf(user, chatId)) {
    const { senderId, kind, deletedAt, text = '', media = [] } = message;
    if (senderId !== user.id || kind === 'system' || deletedAt !== undefined) continue;
    const hashes: string[] = [];
    for (const { id } of media) {
      const { url } = await client.media.link(id);
      hashes.push(await hashOf(await (await fetch(url)).blob()));
    }
    own.push({ key: message.clientMessageId ?? '', text, hashes });
  }
  return own;
}

async function historyOf(user: TestUser, id: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const bound: { before: number } | undefined = messages[0] && { before: messages[0].seq };
    const { body } = await user.call('getHistory', {
      params: { id },
      query: { limit: 100, ...bound },
    });
    messages.unshift(...body.items);
    if (!body.hasMoreBefore) return messages;
  }
}
