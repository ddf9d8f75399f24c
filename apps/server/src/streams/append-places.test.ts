import { ChatId, MessageId, UserId } from '@natter/protocol';
import { expect, it } from 'vitest';
import { placesOf } from './append-places.js';
import type { MessageDraft } from './append-statement.js';

function idOf(digit: number): string {
  return `00000000-0000-4000-8000-00000000000${digit}`;
}

function draft(chat: number, sender: number, kind: MessageDraft['kind'] = 'text'): MessageDraft {
  return {
    id: MessageId.parse(idOf(0)),
    chatId: ChatId.parse(idOf(chat)),
    senderId: UserId.parse(idOf(sender)),
    kind,
  };
}

it('SEQ-1 drafts are counted within their chats, in their order', () => {
  expect(placesOf([draft(1, 3), draft(2, 3), draft(1, 4), draft(1, 3)])).toEqual({
    places: [1, 1, 2, 3],
    ordinals: [1, 1, 2, 3],
    isLast: [false, true, false, true],
    othersBefore: [undefined, 0, 1, 1],
  });
});

it('SEQ-1 what nobody sent has a place, but neither a number among what was sent nor a sender whose marks move', () => {
  expect(
    placesOf([draft(1, 3), draft(1, 3, 'system'), draft(1, 4), draft(1, 4, 'system')]),
  ).toEqual({
    places: [1, 2, 3, 4],
    ordinals: [1, 1, 2, 2],
    isLast: [false, false, false, true],
    othersBefore: [0, undefined, 1, undefined],
  });
});
