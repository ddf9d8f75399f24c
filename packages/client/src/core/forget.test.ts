import { describe, expect, it } from 'vitest';
import { applyEvent } from './apply-event.js';
import { forgetOld } from './forget.js';
import { markOwn } from './marks.js';
import { applyHistory, applyPins } from './snapshot.js';
import type { ClientState } from './state.js';
import { ANNA, at, CHAT, chatAt, chatIn, messageId, stateWith, text } from './testing/samples.js';
import { unreadCount } from './unread.js';
import { messagesOf, pinsOf } from './views.js';

const LAST = 10;
const reply = {
  replyTo: { messageId: messageId(2), senderId: ANNA, kind: 'text' as const, preview: 'text 2' },
};
const history = Array.from({ length: LAST }, (_, index) =>
  text(index + 1, ANNA, index + 1 === LAST ? reply : {}),
);

/** All of it loaded, and seen up to an entry. */
function stateSeen(seq: number): ClientState {
  const lastMessage = history.at(-1);
  const loaded = applyHistory(stateWith(chatAt(LAST, { lastMessage })), CHAT, {
    items: history,
    hasMoreBefore: false,
  });
  return markOwn(loaded, CHAT, 'seen', seq);
}

const seqs = (state: ClientState) => messagesOf(state, chatIn(state)).map(({ seq }) => seq);

describe('old messages', () => {
  it('are forgotten but for the newest ones', () => {
    const state = forgetOld(stateSeen(LAST), 3);
    expect(seqs(state)).toEqual([8, 9, 10]);
    expect(chatIn(state)).toMatchObject({ loadedFrom: 8 });
    expect(unreadCount(chatIn(state), state.me)).toBe(0);
  });

  it('stay while they are unread, so that the count is exact', () => {
    const state = forgetOld(stateSeen(4), 3);
    expect(seqs(state)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(unreadCount(chatIn(state), state.me)).toBe(6);
  });

  it('come back by a page', () => {
    const state = forgetOld(stateSeen(LAST), 3);
    const page = { items: history.slice(4, 7), hasMoreBefore: true };
    expect(seqs(applyHistory(state, CHAT, page, 8))).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('do not come back in what answers them', () => {
    const deleted = applyEvent(stateSeen(LAST), {
      event: 'messageDeleted',
      payload: {
        chatId: CHAT,
        seq: LAST + 1,
        messageId: messageId(2),
        scope: 'everyone',
        deletedBy: ANNA,
        at: at(LAST + 1),
      },
    });
    const state = forgetOld(deleted, 3);
    const last = messagesOf(state, chatIn(state)).at(-1);
    expect(last?.replyTo).toEqual({ messageId: messageId(2), senderId: ANNA, kind: 'text' });
  });

  it('are not pinned again where they were deleted', () => {
    const pinned = applyPins(stateSeen(LAST), CHAT, [text(2, ANNA), text(3, ANNA)]);
    const deleted = applyEvent(pinned, {
      event: 'messageDeleted',
      payload: {
        chatId: CHAT,
        seq: LAST + 1,
        messageId: messageId(2),
        scope: 'everyone',
        deletedBy: ANNA,
        at: at(LAST + 1),
      },
    });
    expect(pinsOf(chatIn(forgetOld(deleted, 3)))).toEqual([messageId(3)]);
  });

  it('change nothing where there are few', () => {
    const state = stateSeen(LAST);
    expect(forgetOld(state, LAST)).toBe(state);
  });
});
