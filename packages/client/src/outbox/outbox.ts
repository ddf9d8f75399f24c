import type { MessageId } from '@natter/protocol';
import type { ErrorInfo } from '../errors.js';
import { anew } from './outbox-file.js';
import { isReplaceable, isSend, onRefusal, type OutboxItem } from './outbox-item.js';

/** In the order in which the user did it. */
export type Outbox = readonly OutboxItem[];

type Status = Pick<OutboxItem, 'status' | 'error' | 'attempts'>;

function changed(outbox: Outbox, id: string, change: (item: OutboxItem) => OutboxItem): Outbox {
  return outbox.map((item) => (item.id === id ? change(item) : item));
}

function withStatus(outbox: Outbox, id: string, status: Partial<Status>): Outbox {
  return changed(outbox, id, (item) => ({ ...item, ...status }));
}

function seqOf({ input }: OutboxItem): number {
  return 'seq' in input ? (input.seq ?? 0) : 0;
}

/** The outbox with one more item; the same one again changes nothing. */
export function enqueue(outbox: Outbox, item: OutboxItem): Outbox {
  if (outbox.some(({ id }) => id === item.id)) return outbox;
  if (!isReplaceable(item)) return [...outbox, item];
  const before = outbox.find(
    ({ lane, command, status }) =>
      lane === item.lane && command === item.command && status === 'queued',
  );
  if (!before) return [...outbox, item];
  // As old as the one that it replaces: one that changes all the time is sent all the same.
  const { createdAt } = before;
  // Marks only go forward.
  const last = seqOf(before) > seqOf(item) ? before : item;
  return [...outbox.filter((other) => other !== before), { ...last, createdAt }];
}

/** It is on its way. */
export function begin(outbox: Outbox, id: string): Outbox {
  return changed(outbox, id, (item) => ({
    ...item,
    status: 'sending',
    error: undefined,
    attempts: item.attempts + 1,
  }));
}

/** It did not get through and is tried again. */
export function postpone(outbox: Outbox, id: string, error?: ErrorInfo): Outbox {
  return withStatus(outbox, id, { status: 'queued', error });
}

export function fail(outbox: Outbox, id: string, error: ErrorInfo): Outbox {
  return withStatus(outbox, id, { status: 'failed', error });
}

/** An item that failed, as it was before. */
function revived(item: OutboxItem): OutboxItem {
  const { files } = item;
  return { ...item, status: 'queued', error: undefined, ...(files && { files: files.map(anew) }) };
}

/** The user wants it tried again. */
export function retry(outbox: Outbox, id: string): Outbox {
  return outbox.some((item) => item.id === id && item.status === 'failed')
    ? changed(outbox, id, revived)
    : outbox;
}

/** Without an item that is done; what was about its message names it from now on. */
export function finish(outbox: Outbox, id: string, messageId?: MessageId): Outbox {
  const rest = outbox.filter((item) => item.id !== id);
  if (messageId === undefined) return rest.length === outbox.length ? outbox : rest;
  return rest.map((item) => (item.about === id ? aboutMessage(item, messageId) : item));
}

/** An item whose input is another one in part. */
function withInput<T extends OutboxItem>(item: T, change: Partial<T['input']>): T {
  return { ...item, input: { ...item.input, ...change } };
}

/** An item that was about a message without an id, now that it has one, or that there will be none. */
export function aboutMessage(item: OutboxItem, messageId: MessageId | undefined): OutboxItem {
  const free: OutboxItem = { ...item, about: undefined };
  if (isSend(free)) return withInput(free, { replyToId: messageId });
  return messageId === undefined ? free : withInput(free, { messageId });
}

/** Without an item, and without what was to happen to its message. An answer to it is sent as a message of its own. */
export function discard(outbox: Outbox, id: string): Outbox {
  return outbox
    .filter((item) => item.id !== id && (item.about !== id || isSend(item)))
    .map((item) => (item.about === id ? aboutMessage(item, undefined) : item));
}

/** Whether no server can have it. */
export function isUntouched({ status, attempts }: OutboxItem): boolean {
  return status === 'failed' || (status === 'queued' && attempts === 0);
}

/**
 * The outbox after a change of a message that no server has: it is sent with its new text, or never where it is deleted.
 *
 * @returns `undefined` where one may have it, or for any other change: that has to wait until it is sent.
 */
export function changeUnsent(
  outbox: Outbox,
  { about, command, input }: OutboxItem,
): Outbox | undefined {
  const item = outbox.find(({ id }) => id === about);
  if (!item || !isUntouched(item)) return undefined;
  if (command === 'deleteMessage') return discard(outbox, item.id);
  const send = revived(item);
  if (command !== 'editMessage' || (send.command !== 'sendMessage' && send.command !== 'sendMedia'))
    return undefined;
  const { text } = input;
  return changed(outbox, item.id, () => withInput(send, { text }));
}

/** What may be sent now: the first of each lane that nothing holds, and whose message is there. */
export function ready(outbox: Outbox): OutboxItem[] {
  const seen = new Set<string>();
  return outbox.filter((item) => {
    if (seen.has(item.lane) || (item.status === 'failed' && onRefusal(item) !== 'holds'))
      return false;
    seen.add(item.lane);
    // What is about a message of another lane may be the first of its own.
    if (item.status !== 'queued' || item.about !== undefined) return false;
    return (item.files ?? []).every(({ isUploaded }) => isUploaded);
  });
}
