import { commands } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { applyAcknowledgement } from './acknowledgements.js';
import { applyEvent } from './apply-event.js';
import type { ServerEvent } from './server-event.js';
import { applyHistory } from './snapshot.js';
import type { ClientState } from './state.js';
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
} from './testing/samples.js';
import { unreadCount } from './unread.js';
import { lastMessageOf, messagesOf } from './views.js';

const place = (seq: number, of: number) => ({ chatId: CHAT, seq, messageId: messageId(of) });
const deletion = (seq: number, of: number): ServerEvent => ({
  event: 'messageDeleted',
  payload: { ...place(seq, of), scope: 'everyone', deletedBy: ANNA, at: at(seq) },
});
const reaction = (seq: number, of: number, added: boolean, counts: number): ServerEvent => ({
  event: 'reactionChanged',
  payload: {
    ...place(seq, of),
    userId: ME,
    emoji: '👍',
    added,
    reactions: counts > 0 ? [{ emoji: '👍', count: counts }] : [],
  },
});
const edit = (seq: number, of: number, to: string): ServerEvent => ({
  event: 'messageEdited',
  payload: { chatId: CHAT, seq, message: text(of, ANNA, { text: to, editedAt: at(seq) }) },
});
const found = (state: ClientState, seq: number) =>
  messagesOf(state, chatIn(state)).find((message) => message.seq === seq);

describe('a page of history that is older than what the events have told', () => {
  const pageOf = (...seqs: number[]) => ({
    items: seqs.map((seq) => text(seq, ANNA)),
    hasMoreBefore: false,
  });
  const start = stateWith(chatAt(3));

  it.each<[string, ServerEvent[], object | undefined]>([
    ['a deletion', [deletion(4, 2)], { deletedAt: at(4) }],
    ['an edit', [edit(4, 2, 'new')], { text: 'new', editedAt: at(4) }],
    [
      'a reaction',
      [reaction(4, 2, true, 2)],
      { reactions: [{ emoji: '👍', count: 2, mine: true }] },
    ],
    [
      'a reaction taken back',
      [reaction(4, 2, true, 2), reaction(5, 2, false, 1)],
      { reactions: [{ emoji: '👍', count: 1, mine: false }] },
    ],
    [
      'a pin',
      [{ event: 'messagePinned', payload: { ...place(4, 2), userId: ANNA } }],
      { pinned: true },
    ],
    [
      'a star',
      [
        {
          event: 'messageStarred',
          payload: { userSeq: 1, chatId: CHAT, messageId: messageId(2), starred: true },
        },
      ],
      { starred: true },
    ],
    [
      'a hiding',
      [{ event: 'messageHidden', payload: { userSeq: 1, chatId: CHAT, messageId: messageId(2) } }],
      undefined,
    ],
    [
      'a clearing',
      [{ event: 'chatCleared', payload: { userSeq: 1, chatId: CHAT, upToSeq: 2 } }],
      undefined,
    ],
  ])('does not take back %s', (_, events, expected) => {
    const told = events.reduce(applyEvent, start);
    const state = applyHistory(told, CHAT, pageOf(1, 2), 3);
    if (expected) expect(found(state, 2)).toMatchObject(expected);
    else expect(found(state, 2)).toBeUndefined();
  });

  it('does not bring what will come as an entry', () => {
    const state = applyHistory(start, CHAT, { items: [text(4, ANNA)], hasMoreBefore: true });
    expect(chatIn(state).messages.has(messageId(4))).toBe(false);
  });
});

describe('a reply', () => {
  const reply = text(3, ANNA, {
    replyTo: { messageId: messageId(2), senderId: ANNA, kind: 'text', preview: 'text 2' },
  });
  const start = [said(text(2, ANNA)), said(reply)].reduce(applyEvent, stateWith(chatAt(1)));
  const previewIn = (state: ClientState) => found(state, 3)?.replyTo?.preview;

  it('shows the message as it is', () => {
    expect(previewIn(start)).toBe('text 2');
    expect(previewIn(applyEvent(start, edit(4, 2, 'new')))).toBe('new');
    expect(previewIn(applyEvent(start, edit(4, 2, 'n'.repeat(200))))).toBe('n'.repeat(140));
  });

  it('shows nothing of one that is gone', () => {
    expect(previewIn(applyEvent(start, deletion(4, 2)))).toBeUndefined();
    const hidden = { userSeq: 1, chatId: CHAT, messageId: messageId(2) };
    expect(
      previewIn(applyEvent(start, { event: 'messageHidden', payload: hidden })),
    ).toBeUndefined();
    const cleared = { userSeq: 1, chatId: CHAT, upToSeq: 2 };
    expect(
      previewIn(applyEvent(start, { event: 'chatCleared', payload: cleared })),
    ).toBeUndefined();
  });

  it('to a message that is not known shows what it came with, until that is edited or deleted', () => {
    const unknown = {
      ...reply,
      seq: 2,
      replyTo: {
        messageId: messageId(9),
        senderId: ANNA,
        kind: 'text' as const,
        preview: 'before',
      },
    };
    const state = applyEvent(stateWith(chatAt(1)), said(unknown));
    const shown = (after: ClientState) => found(after, 2)?.replyTo?.preview;
    expect(shown(state)).toBe('before');
    expect(shown(applyEvent(state, deletion(3, 9)))).toBeUndefined();
  });
});

describe('the last message', () => {
  it('is unknown where the one of the snapshot is hidden and no other is loaded', () => {
    const hiding = { userSeq: 1, chatId: CHAT, messageId: messageId(3) };
    const state = applyEvent(stateWith(chatAt(3)), { event: 'messageHidden', payload: hiding });
    expect(lastMessageOf(state, chatIn(state))).toBeUndefined();
    const page = { items: [text(1, ANNA), text(2, ANNA)], hasMoreBefore: false };
    const opened = applyHistory(state, CHAT, page, 3);
    expect(lastMessageOf(opened, chatIn(opened))?.seq).toBe(2);
  });

  it('is the one that the event names as of today', () => {
    const chat = chatAt(3, { lastMessage: text(2, ANNA) });
    const payload = { userSeq: 1, chatId: CHAT, messageId: messageId(3), chat };
    const state = applyEvent(stateWith(chatAt(3)), { event: 'messageHidden', payload });
    expect(lastMessageOf(state, chatIn(state))?.seq).toBe(2);
  });

  it('is none where all is cleared', () => {
    const payload = { userSeq: 1, chatId: CHAT, upToSeq: 3 };
    const state = applyEvent(stateWith(chatAt(3)), { event: 'chatCleared', payload });
    expect(lastMessageOf(state, chatIn(state))).toBeNull();
  });
});

describe('a message with files', () => {
  const start = applyEvent(stateWith(chatAt(1)), said(picture(2, ANNA)));

  it('is the newest one and unread, as any other', () => {
    expect(lastMessageOf(start, chatIn(start))).toEqual(picture(2, ANNA));
    expect(unreadCount(chatIn(start), ME)).toBe(2);
  });

  it('keeps them when its caption changes', () => {
    const message = { ...picture(2, ANNA), text: 'a caption', editedAt: at(3) };
    const after = applyEvent(start, {
      event: 'messageEdited',
      payload: { chatId: CHAT, seq: 3, message },
    });
    expect(found(after, 2)).toMatchObject({ text: 'a caption', media: [PICTURE] });
  });

  it('loses them when it is deleted for everyone', () => {
    const after = applyEvent(start, deletion(3, 2));
    expect(found(after, 2)).toMatchObject({ kind: 'media', deletedAt: at(3) });
    expect(found(after, 2)).not.toHaveProperty('media');
  });

  it('that this device sent is there by the answer', () => {
    const input = commands.sendMedia.input.parse({
      chatId: CHAT,
      clientMessageId: messageId(3),
      mediaIds: [PICTURE.id],
    });
    const after = applyAcknowledgement(start, 'sendMedia', input, { message: picture(3, ME) });
    expect(found(after, 3)).toEqual(picture(3, ME));
    expect(chatIn(after).lastSeq).toBe(3);
  });
});
