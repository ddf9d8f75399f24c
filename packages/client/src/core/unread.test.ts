import { describe, expect, it } from 'vitest';
import { applyEvent } from './apply-event.js';
import type { ServerEvent } from './server-event.js';
import { markOwn } from './marks.js';
import { applyHistory } from './snapshot.js';
import type { ClientState } from './state.js';
import {
  ANNA,
  at,
  BEN,
  CHAT,
  chatAt,
  chatIn,
  ME,
  messageId,
  said,
  stateWith,
  text,
} from './testing/samples.js';
import { isMentioned, unreadCount } from './unread.js';

const count = (state: ClientState) => unreadCount(chatIn(state), ME);
const deletion = (seq: number, deleted: number): ServerEvent => ({
  event: 'messageDeleted',
  payload: {
    chatId: CHAT,
    seq,
    messageId: messageId(deleted),
    scope: 'everyone',
    deletedBy: ANNA,
    at: at(seq),
  },
});
const hiding = (userSeq: number, hidden: number): ServerEvent => ({
  event: 'messageHidden',
  payload: { userSeq, chatId: CHAT, messageId: messageId(hidden) },
});
const texts = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => text(from + index, ANNA));

describe('the unread count', () => {
  it('is that of the snapshot and what has come since', () => {
    let state = stateWith(chatAt(10));
    expect(count(state)).toBe(10);
    state = applyEvent(state, said(text(11, ANNA)));
    expect(count(state)).toBe(11);
    state = applyEvent(state, said(text(12, ME)));
    expect(count(state)).toBe(0);
    state = applyEvent(state, said(text(13, ANNA)));
    expect(count(state)).toBe(1);
  });

  it('is without what is deleted or hidden', () => {
    let state = stateWith(chatAt(10));
    state = applyEvent(state, deletion(11, 10));
    expect(count(state)).toBe(9);
    state = applyEvent(state, said(text(12, ANNA)));
    state = applyEvent(state, hiding(1, 12));
    expect(count(state)).toBe(9);
  });

  it('is unknown once a message goes that may have counted, until all that is unread is loaded', () => {
    for (const event of [deletion(11, 4), hiding(1, 4)]) {
      let state = applyEvent(stateWith(chatAt(10)), event);
      expect(count(state)).toBeUndefined();
      // Of before: the state knows better by now.
      const page = { items: texts(1, 9), hasMoreBefore: false };
      state = applyHistory(state, CHAT, page, 10);
      expect(count(state)).toBe(9);
    }
  });

  it('is unknown once the seen mark stops among what is not loaded', () => {
    let state = markOwn(stateWith(chatAt(10)), CHAT, 'seen', 4);
    expect(count(state)).toBeUndefined();
    state = applyHistory(state, CHAT, { items: texts(7, 9), hasMoreBefore: true }, 10);
    expect(count(state)).toBeUndefined();
    state = applyHistory(state, CHAT, { items: texts(4, 6), hasMoreBefore: true }, 7);
    expect(count(state)).toBe(6);
  });

  it('does not change by loading', () => {
    const state = stateWith(chatAt(10));
    const some = applyHistory(state, CHAT, { items: texts(5, 9), hasMoreBefore: true }, 10);
    expect(count(some)).toBe(10);
    expect(count(applyEvent(some, deletion(11, 6)))).toBe(9);
    // A page from elsewhere leaves a hole, and is part of what is not loaded.
    const island = applyHistory(state, CHAT, { items: texts(2, 4), hasMoreBefore: true }, 5);
    expect(chatIn(island).loadedFrom).toBe(10);
    expect(count(island)).toBe(10);
    expect(count(applyEvent(island, deletion(11, 3)))).toBe(9);
  });

  it('is 1,000 for all that is more, and unknown when one of them goes', () => {
    const me = { role: 'member', deliveredSeq: 0, seenSeq: 0, joinedAt: at(0) } as const;
    let state = stateWith(chatAt(5000, { me: { ...me, unreadCount: 1000 } }));
    state = applyEvent(state, said(text(5001, ANNA)));
    expect(count(state)).toBe(1000);
    expect(count(applyEvent(state, deletion(5002, 5001)))).toBeUndefined();
    expect(count(markOwn(state, CHAT, 'seen', 5000))).toBe(1);
  });
});

describe('a mention', () => {
  const naming = (seq: number, mentions = [ME]) => said(text(seq, ANNA, { mentions }));
  const isTold = (state: ClientState) => isMentioned(chatIn(state), ME);
  const start = stateWith(chatAt(1));

  it('of the user is told until its message is seen', () => {
    const others = applyEvent(start, naming(2, [BEN]));
    expect(isTold(others)).toBe(false);
    const named = [naming(3), said(text(4, ANNA))].reduce(applyEvent, others);
    expect(isTold(named)).toBe(true);
    expect(isTold(markOwn(named, CHAT, 'seen', 2))).toBe(true);
    expect(isTold(markOwn(named, CHAT, 'seen', 3))).toBe(false);
  });

  it('is gone with its message', () => {
    const named = applyEvent(start, naming(2));
    expect(isTold(applyEvent(named, deletion(3, 2)))).toBe(false);
    expect(isTold(applyEvent(named, hiding(1, 2)))).toBe(false);
  });

  it('of oneself by oneself tells nothing', () => {
    expect(isTold(applyEvent(start, said(text(2, ME, { mentions: [ME] }))))).toBe(false);
  });
});
