import { type Chat, type ChatEntry, commands } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { applyAcknowledgement } from './acknowledgements.js';
import { applyEvent } from './apply-event.js';
import type { ServerEvent } from './server-event.js';
import { gapsOf } from './chat-entries.js';
import {
  ANNA,
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
import type { ClientState } from './state.js';
import { messagesOf } from './views.js';

const skipped = (seq: number, toSeq?: number): ChatEntry => ({
  event: 'entrySkipped',
  payload: { chatId: CHAT, seq, ...(toSeq !== undefined && { toSeq }) },
});

describe('entries of a chat', () => {
  it('leave the state the same object where they are repeats', () => {
    const state = applyEvent(stateWith(chatAt(1)), said(text(2, ANNA)));
    expect(applyEvent(state, said(text(2, ANNA)))).toBe(state);
    expect(applyEvent(state, skipped(1, 2))).toBe(state);
  });

  it('leave the state the same object where the user is not in the chat', () => {
    const state = stateWith();
    expect(applyEvent(state, said(text(1, ANNA)))).toBe(state);
  });

  it('wait above a gap, which is reported until it is filled', () => {
    let state = stateWith(chatAt(1));
    state = applyEvent(state, said(text(4, ANNA)));
    state = applyEvent(state, said(text(3, ANNA)));
    expect(gapsOf(state)).toEqual([{ chatId: CHAT, after: 1 }]);
    expect(chatIn(state).lastSeq).toBe(1);
    state = applyEvent(state, said(text(2, ANNA)));
    expect(gapsOf(state)).toEqual([]);
    expect(chatIn(state).lastSeq).toBe(4);
    expect(messagesOf(state, chatIn(state)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('that waited are dropped where what fills the gap stands for them', () => {
    let state = applyEvent(stateWith(chatAt(1)), said(text(3, ANNA)));
    state = applyEvent(state, skipped(2, 5));
    expect(gapsOf(state)).toEqual([]);
    expect(chatIn(state).ahead.size).toBe(0);
    expect(chatIn(state).lastSeq).toBe(5);
    expect(chatIn(state).messages.has(messageId(3))).toBe(false);
  });

  it('that wait are not kept without bound', () => {
    let state = stateWith(chatAt(1));
    for (let seq = 3; seq < 1000; seq += 1) state = applyEvent(state, said(text(seq, ANNA)));
    expect(chatIn(state).ahead.size).toBe(500);
    state = applyEvent(state, said(text(2, ANNA)));
    expect(chatIn(state).lastSeq).toBe(502);
  });

  it('by which somebody comes find the marks that were told of before', () => {
    let state = applyEvent(stateWith(chatAt(1)), {
      event: 'messageStatusUpdated',
      payload: { chatId: CHAT, updates: [{ userId: BEN, status: 'seen', seq: 3, at: '' }] },
    });
    const system = { type: 'memberJoined' as const, userIds: [BEN] };
    state = applyEvent(state, said(text(2, BEN, { kind: 'system', system })));
    expect(chatIn(state).members.get(BEN)).toMatchObject({ deliveredSeq: 3, seenSeq: 3 });
    expect(chatIn(state).info.memberCount).toBe(3);
  });

  it('change nothing that a newer snapshot of the chat has told already', () => {
    const rename = (seq: number, title: string) =>
      said(
        text(seq, ANNA, { kind: 'system', system: { type: 'chatUpdated', changes: { title } } }),
      );
    let state = applyEvent(stateWith(chatAt(1)), {
      event: 'chatCleared',
      payload: { userSeq: 1, chatId: CHAT, upToSeq: 1, chat: chatAt(3, { title: 'Third' }) },
    });
    state = applyEvent(state, rename(2, 'Second'));
    expect(chatIn(state).info.title).toBe('Third');
    state = applyEvent(state, skipped(3));
    state = applyEvent(state, rename(4, 'Fourth'));
    expect(chatIn(state).info.title).toBe('Fourth');
  });

  it('end that their author is typing', () => {
    const payload = { chatId: CHAT, userId: ANNA };
    let state = applyEvent(stateWith(chatAt(1)), { event: 'typing', payload });
    expect(state.typing.get(CHAT)).toEqual(new Set([ANNA]));
    state = applyEvent(state, said(text(2, ANNA)));
    expect(state.typing.size).toBe(0);
  });

  it('move the marks of their author, and no others', () => {
    let state = applyEvent(stateWith(chatAt(1)), said(text(2, ANNA)));
    const system = { kind: 'system', system: { type: 'chatCreated' } } as const;
    state = applyEvent(state, said(text(3, ANNA, system)));
    expect(chatIn(state).members.get(ANNA)).toMatchObject({ deliveredSeq: 2, seenSeq: 2 });
    expect(chatIn(state).members.get(ME)).toMatchObject({ deliveredSeq: 0, seenSeq: 0 });
  });
});

describe('what this device sends to a chat of which it has not been told yet', () => {
  const send = (state: ClientState, seq: number) =>
    applyAcknowledgement(
      state,
      'sendMessage',
      commands.sendMessage.input.parse({
        chatId: CHAT,
        clientMessageId: messageId(seq),
        text: `text ${seq}`,
      }),
      { message: text(seq, ME) },
    );
  const added = (chat: Chat): ServerEvent => ({
    event: 'chatAdded',
    payload: { userSeq: 1, chat },
  });

  it('is there when the chat comes, as no event brings it', () => {
    const state = applyEvent(send(send(stateWith(), 2), 3), added(chatAt(1)));
    expect(chatIn(state).lastSeq).toBe(3);
    expect(messagesOf(state, chatIn(state)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(state.early.size).toBe(0);
  });

  it('is a repeat where the chat comes with it, and shows a gap where something is between', () => {
    const repeated = applyEvent(send(stateWith(), 2), added(chatAt(2)));
    expect(chatIn(repeated).lastSeq).toBe(2);
    const apart = applyEvent(send(stateWith(), 3), added(chatAt(1)));
    expect(gapsOf(apart)).toEqual([{ chatId: CHAT, after: 1 }]);
  });

  it('is forgotten where the user is removed at once, and is not kept without bound', () => {
    let state = send(stateWith(), 2);
    for (let seq = 3; seq < 1000; seq += 1) state = send(state, seq);
    expect(state.early.get(CHAT)).toHaveLength(500);
    const removed = applyEvent(state, {
      event: 'chatRemoved',
      payload: { userSeq: 2, chatId: CHAT, reason: 'removed' },
    });
    expect(removed.early.size).toBe(0);
  });
});
