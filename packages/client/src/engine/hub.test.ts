import type { Chat } from '@natter/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { applySnapshot, type ServerEvent } from '../core/index.js';
import {
  ANNA,
  at,
  CHAT,
  chatAt,
  ME,
  messageId,
  picture,
  said,
  stateWith,
  text,
} from '../core/testing/samples.js';
import { Hub } from './hub.js';

let hub: Hub;
let told: string[];
beforeEach(() => {
  told = [];
  hub = new Hub((event) => {
    if ('seq' in event.payload) told.push(`${event.event} ${event.payload.seq}`);
  });
  hub.update((model) => ({ ...model, state: stateWith() }));
});

function joined(lastSeq: number, me: Partial<Chat['me']> = {}) {
  const chat = chatAt(lastSeq);
  const own = { ...chat.me, role: 'member', deliveredSeq: 0, seenSeq: 0, unreadCount: 0 } as const;
  return { ...chat, me: { ...own, joinedAt: at(0), ...me } };
}

function added(userSeq: number, lastSeq: number, me?: Partial<Chat['me']>): ServerEvent {
  return { event: 'chatAdded', payload: { userSeq, chat: joined(lastSeq, me) } };
}

const removed = (userSeq: number): ServerEvent => ({
  event: 'chatRemoved',
  payload: { userSeq, chatId: CHAT, reason: 'removed' },
});
const created = said(text(1, ANNA, { kind: 'system', system: { type: 'chatCreated' } }));

describe('messages that came with their chat', () => {
  it('are told once, and what follows as ever', () => {
    const entries = [created, said(text(2, ANNA)), said(picture(3, ANNA)), said(text(4, ANNA))];
    hub.apply([added(1, 3), ...entries]);
    expect(told).toEqual(['newMessage 2', 'newMediaMessage 3', 'newMessage 4']);
    hub.apply([added(1, 3), ...entries]);
    for (const entry of entries) hub.apply([entry]);
    expect(told).toHaveLength(3);
  });

  it('are told whenever they come, and in whichever order', () => {
    hub.apply([added(1, 3)]);
    hub.apply([said(text(3, ANNA))]);
    hub.apply([said(text(2, ANNA))]);
    hub.apply([said(text(3, ANNA))]);
    expect(told).toEqual(['newMessage 3', 'newMessage 2']);
  });

  it('are told also where an answer has brought the chat before', () => {
    hub.updateState((state) => applySnapshot(state, { chats: [joined(2)] }));
    hub.apply([added(1, 2), created, said(text(2, ANNA))]);
    expect(told).toEqual(['newMessage 2']);
  });

  it('are not told where the user wrote or saw them, or where they are gone', () => {
    const gone = said(text(4, ANNA, { deletedAt: at(5) }));
    hub.apply([added(1, 5, { seenSeq: 2 })]);
    hub.apply([said(text(2, ANNA)), said(text(3, ME)), gone]);
    expect(told).toEqual([]);
    const changed = { chatId: CHAT, messageId: messageId(3), userId: ANNA, seq: 5 };
    hub.apply([{ event: 'messagePinned', payload: changed }]);
    expect(told).toEqual([]);
  });

  it('are none where the chat was known, and others where the user came again', () => {
    hub.apply([added(1, 1, { seenSeq: 1 }), said(text(2, ANNA))]);
    hub.apply([added(2, 2)]);
    hub.apply([said(text(2, ANNA))]);
    expect(told).toEqual(['newMessage 2']);
    hub.apply([removed(3), added(4, 4, { seenSeq: 3, joinedAt: at(9) })]);
    hub.apply([said(text(2, ANNA)), said(text(3, ANNA)), said(text(4, ANNA))]);
    expect(told).toEqual(['newMessage 2', 'newMessage 4']);
  });
});
