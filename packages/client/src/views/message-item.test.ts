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
import { orderedFiles } from '../media/new-file.js';
import { kindOf } from '../outbox/outbox-file.js';
import { itemOf, isSend, type SendItem } from '../outbox/outbox-item.js';
import { messageItem, pendingItem } from './message-item.js';

const KEYS = ['first', 'second'] as const;

/** A message with two pictures that is on its way. */
function sendingPictures(): SendItem {
  const id = newId();
  const input = { chatId: CHAT, clientMessageId: id, mediaIds: [], replyToId: undefined };
  const files = KEYS.map((key) => ({
    content: new Blob(['content']),
    file: { key, fileName: `${key}.png`, mimeType: 'image/png', size: 7, width: 2, height: 3 },
  }));
  const caption = { text: 'a caption', mentions: [ANNA] };
  const operation = { command: 'sendMedia', input: { ...input, ...caption } } as const;
  const item = itemOf({ id, operation, chatId: CHAT, files }, 0);
  if (!isSend(item)) throw new Error('A send was made');
  return item;
}

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
      media: [{ ...PICTURE, key: PICTURE.id }],
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

describe('files that are on their way', () => {
  const [first, second] = KEYS;
  const state = saying();

  it('are shown as they were chosen, with how far they have come', () => {
    const send = sendingPictures();
    const uploads = new Map([[first, { isActive: true, sentBytes: 3 }]]);
    expect(pendingItem(state, CHAT, send, uploads)).toMatchObject({
      kind: 'media',
      text: 'a caption',
      media: [
        {
          key: first,
          kind: 'image',
          width: 2,
          height: 3,
          upload: { state: 'uploading', sentBytes: 3 },
        },
        { key: second, fileName: 'second.png', upload: { state: 'waiting', sentBytes: 0 } },
      ],
    });
  });

  it('change nothing but themselves when they come further', () => {
    const send = sendingPictures();
    const before = new Map([[first, { isActive: true, sentBytes: 3 }]]);
    const after = new Map([...before, [second, { isActive: true, sentBytes: 1 }]]);
    const [early, late] = [before, after].map((uploads) => pendingItem(state, CHAT, send, uploads));
    expect(late).not.toBe(early);
    expect(late?.media?.[0]).toBe(early?.media?.[0]);
    expect(pendingItem(state, CHAT, send, new Map(after))).toBe(late);
    // For the list of chats, which shows no progress.
    expect(pendingItem(state, CHAT, send)).toBe(pendingItem(state, CHAT, send));
  });

  it.each([
    ['paused', { isPaused: true }],
    ['failed', { error: { code: 'TOO_LARGE', message: 'no', retryable: false } }],
    ['uploading', { isUploaded: true }],
  ] as const)('are %s', (expected, facts) => {
    const send = sendingPictures();
    const files = send.files?.map((file) => ({ ...file, ...facts }));
    const [media] = pendingItem(state, CHAT, { ...send, files }, new Map()).media ?? [];
    expect(media?.upload?.state).toBe(expected);
  });

  it('keep their keys when their message has arrived', () => {
    const id = newId();
    const arrived = { ...picture(2, ME), clientMessageId: id };
    expect(shown(saying(arrived), 2)?.media).toMatchObject([
      { id: PICTURE.id, key: orderedFiles(id, [new Blob()])[0]?.file.key },
    ]);
  });

  it('are judged by what the platform says', () => {
    const kinds = ['image/png', 'image/svg+xml', 'video/mp4', 'audio/ogg', '', 'text/plain'].map(
      (mimeType) => kindOf({ mimeType, fileName: '', size: 0 }),
    );
    expect(kinds).toEqual(['image', 'file', 'video', 'audio', 'file', 'file']);
  });
});
