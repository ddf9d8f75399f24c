import { ChatId, UserId } from '@natter/protocol';
import { expect, it } from 'vitest';
import { placesOf } from './append-places.js';

const lobby = ChatId.parse('00000000-0000-4000-8000-000000000001');
const garden = ChatId.parse('00000000-0000-4000-8000-000000000002');
const anna = UserId.parse('00000000-0000-4000-8000-000000000003');
const ben = UserId.parse('00000000-0000-4000-8000-000000000004');

it('SEQ-1 drafts are counted within their chats, in their order', () => {
  const drafts = [
    { chatId: lobby, senderId: anna, kind: 'text' },
    { chatId: garden, senderId: anna, kind: 'text' },
    { chatId: lobby, senderId: ben, kind: 'text' },
    { chatId: lobby, senderId: anna, kind: 'text' },
  ] as const;
  expect(placesOf(drafts)).toEqual({
    places: [1, 1, 2, 3],
    ordinals: [1, 1, 2, 3],
    isLast: [false, true, false, true],
    othersBefore: [undefined, 0, 1, 1],
  });
});

it('SEQ-1 what nobody sent has a place, but neither a number among what was sent nor a sender whose marks move', () => {
  const drafts = [
    { chatId: lobby, senderId: anna, kind: 'text' },
    { chatId: lobby, senderId: anna, kind: 'system' },
    { chatId: lobby, senderId: ben, kind: 'text' },
    { chatId: lobby, senderId: ben, kind: 'system' },
  ] as const;
  expect(placesOf(drafts)).toEqual({
    places: [1, 2, 3, 4],
    ordinals: [1, 1, 2, 2],
    isLast: [false, false, false, true],
    othersBefore: [0, undefined, 1, undefined],
  });
});
