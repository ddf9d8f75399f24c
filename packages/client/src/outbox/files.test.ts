import type { UserId } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { ANNA, CHAT, messageId } from '../core/testing/samples.js';
import { ChatError } from '../errors.js';
import { newId, toMediaId } from '../ids.js';
import { cancelFile, findFile, withFile } from './files.js';
import type { OutboxFile } from './outbox-file.js';
import { itemOf, type OutboxItem } from './outbox-item.js';
import { changeUnsent, discard, enqueue, fail, type Outbox, ready, retry } from './outbox.js';

const MEDIA = toMediaId(messageId(9));
const error = new ChatError({ code: 'TOO_LARGE', message: 'no', retryable: false }).toInfo();

function sending(names: readonly string[], text?: string, mentions?: UserId[]): OutboxItem {
  const id = newId();
  const files = names.map((key) => ({
    file: { key, fileName: key, mimeType: '', size: 1 },
    content: new Blob(['1']),
  }));
  const content = { mediaIds: [], text, mentions };
  const input = { chatId: CHAT, clientMessageId: id, ...content, replyToId: undefined };
  const operation = { command: 'sendMedia', input } as const;
  return itemOf({ id, operation, chatId: CHAT, lane: CHAT, files }, 0);
}

function saying(text: string): OutboxItem {
  const id = newId();
  const input = { chatId: CHAT, clientMessageId: id, text, mentions: undefined };
  const operation = { command: 'sendMessage', input: { ...input, replyToId: undefined } } as const;
  return itemOf({ id, operation, chatId: CHAT, lane: CHAT }, 0);
}

function newText({ id: about }: OutboxItem, text: string): OutboxItem {
  const input = { messageId: messageId(1), chatId: CHAT, text };
  const change = { ...input, mentions: undefined, encrypted: undefined };
  const operation = { command: 'editMessage', input: change } as const;
  return itemOf({ id: newId(), operation, chatId: CHAT, lane: CHAT, about }, 0);
}

const uploaded = (file: OutboxFile): OutboxFile => ({
  ...file,
  mediaId: MEDIA,
  isUploaded: true,
});
const refused = (file: OutboxFile): OutboxFile => ({ ...file, mediaId: MEDIA, error });
const outboxOf = (...items: OutboxItem[]): Outbox => items.reduce<Outbox>(enqueue, []);

describe('a message with files', () => {
  it('holds its chat until all of them are uploaded', () => {
    const message = sending(['a', 'b']);
    let outbox = outboxOf(message, saying('behind'));
    expect(ready(outbox)).toEqual([]);
    outbox = withFile(outbox, 'a', uploaded);
    expect(ready(outbox)).toEqual([]);
    outbox = withFile(outbox, 'b', uploaded);
    expect(ready(outbox).map(({ id }) => id)).toEqual([message.id]);
  });

  it('that is tried again begins anew with what was refused alone', () => {
    const message = sending(['a', 'b']);
    let outbox = withFile(outboxOf(message), 'a', refused);
    outbox = withFile(outbox, 'b', (file) => ({ ...file, mediaId: MEDIA }));
    outbox = retry(fail(outbox, message.id, error), message.id);
    expect(outbox).toMatchObject([{ status: 'queued', error: undefined }]);
    expect(findFile(outbox, 'a')?.file).toMatchObject({ error: undefined, mediaId: undefined });
    expect(findFile(outbox, 'b')?.file).toMatchObject({ mediaId: MEDIA });
  });

  it('gets another caption until it is on its way', () => {
    const message = sending(['a'], 'before');
    const after = newText(message, 'after');
    expect(changeUnsent([message], after)).toMatchObject([{ input: { text: 'after' } }]);
    expect(changeUnsent([{ ...message, attempts: 1 }], after)).toBeUndefined();
  });
});

describe('a file that is taken out', () => {
  it('leaves the others, and lets the message go on where it was the one that was refused', () => {
    const message = sending(['a', 'b']);
    const failed = fail(withFile([message], 'a', refused), message.id, error);
    const [item] = cancelFile(failed, 'a');
    expect(item).toMatchObject({ status: 'queued', error: undefined, files: [{ key: 'b' }] });
    // Another one was refused as well.
    const both = withFile(failed, 'b', refused);
    expect(cancelFile(both, 'a')).toMatchObject([{ status: 'failed', error }]);
  });

  it('as the last one leaves the caption, as a text', () => {
    const [item] = cancelFile([sending(['a'], 'words', [ANNA])], 'a');
    const input = { text: 'words', mentions: [ANNA] };
    expect(item).toMatchObject({ command: 'sendMessage', input });
    expect(item).not.toHaveProperty('files');
    expect(item).not.toHaveProperty('input.mediaIds');
  });

  it('as the last one without a caption takes the message along', () => {
    const message = sending(['a'], ' ');
    expect(cancelFile([message], 'a')).toEqual(discard([message], message.id));
  });

  it('stays where the server may have it', () => {
    const outbox: Outbox = [{ ...sending(['a', 'b']), status: 'sending', attempts: 1 }];
    expect(cancelFile(outbox, 'a')).toBe(outbox);
    expect(cancelFile(outbox, 'unknown')).toBe(outbox);
  });
});
