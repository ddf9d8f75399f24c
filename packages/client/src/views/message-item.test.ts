import type { Message } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { applyEvent, type ClientState } from '../core/index.js';
import {
  ANNA,
  at,
  CHAT,
  chatAt,
  chatIn,
  ME,
  messageId,
  picture,
  PICTURE,
  said,
  stateWith,
  text,
} from '../core/testing/samples.js';
import { newId } from '../ids.js';
import { itemOf, isSend, type SendItem } from '../outbox/outbox-item.js';
import { messageItem, pendingItem } from './message-item.js';

const saying = (...messages: Message[]): ClientState =>
  messages.map(said).reduce<ClientState>(applyEvent, stateWith(chatAt(1)));

function shown(state: ClientState, seq: number) {
  const message = chatIn(state).messages.get(messageId(seq));
  return message && messageItem(state, chatIn(state), message);
}

function answerTo(seq: number): SendItem {
  const id = newId();
  const input = { chatId: CHAT, clientMessageId: id, text: 'an answer', mentions: undefined };
  const item = itemOf(
    {
      id,
      operation: { command: 'sendMessage', input: { ...input, replyToId: messageId(seq) } },
      chatId: CHAT,
    },
    0,
  );
  if (!isSend(item)) throw new Error('A send was made');
  return item;
}

describe('a message with files', () => {
  it('of somebody else is shown with them', () => {
    expect(shown(saying(picture(2, ANNA)), 2)).toMatchObject({
      type: 'message',
      key: messageId(2),
      kind: 'media',
      media: [PICTURE],
      isOwn: false,
      status: 'received',
    });
  });

  it('of the user himself, from another device, is shown with them and with how far it has come', () => {
    const item = shown(saying(picture(2, ME)), 2);
    expect(item).toMatchObject({ kind: 'media', media: [PICTURE], isOwn: true, status: 'sent' });
  });

  it('is what an answer to it quotes', () => {
    const replyTo = { messageId: messageId(2), senderId: ANNA, kind: 'media' as const };
    const item = shown(saying(picture(2, ANNA), text(3, ME, { replyTo })), 3);
    expect(item?.replyTo).toMatchObject({ kind: 'media', sender: { id: ANNA } });
  });

  it('is the same object until it changes', () => {
    const state = saying(picture(2, ANNA));
    expect(shown(applyEvent(state, said(text(3, ANNA))), 2)).toBe(shown(state, 2));
  });
});

describe('a message that is on its way', () => {
  it('quotes what it answers as it is today', () => {
    const [state, answer] = [saying(text(2, ANNA)), answerTo(2)];
    expect(pendingItem(state, CHAT, answer).replyTo).toMatchObject({ preview: 'text 2' });
    expect(pendingItem(state, CHAT, answer)).toBe(pendingItem(state, CHAT, answer));
    const deleted = applyEvent(state, {
      event: 'messageDeleted',
      payload: {
        chatId: CHAT,
        seq: 3,
        messageId: messageId(2),
        scope: 'everyone',
        deletedBy: ANNA,
        at: at(3),
      },
    });
    expect(pendingItem(deleted, CHAT, answer).replyTo).toMatchObject({ kind: 'text' });
    expect(pendingItem(deleted, CHAT, answer).replyTo).not.toHaveProperty('preview');
  });

  it('cuts what it quotes as the server does', () => {
    const long = 'a'.repeat(139) + '😀😀';
    const state = saying(text(2, ANNA, { text: long }));
    expect(pendingItem(state, CHAT, answerTo(2)).replyTo?.preview).toBe(`${'a'.repeat(139)}😀`);
  });
});
