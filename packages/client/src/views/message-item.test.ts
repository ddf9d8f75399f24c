import type { Message } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { applyEvent, type ClientState } from '../core/index.js';
import {
  ANNA,
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
import { messageItem } from './message-item.js';

const saying = (...messages: Message[]): ClientState =>
  messages.map(said).reduce<ClientState>(applyEvent, stateWith(chatAt(1)));

function shown(state: ClientState, seq: number) {
  const message = chatIn(state).messages.get(messageId(seq));
  return message && messageItem(state, chatIn(state), message);
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
