import type { OutboxFile } from './outbox-file.js';
import type { OutboxItem } from './outbox-item.js';
import { discard, isUntouched, type Outbox } from './outbox.js';

export interface FilePlace {
  readonly item: OutboxItem;
  readonly file: OutboxFile;
}

/** All files of an outbox, in its order. */
export function filesIn(outbox: Outbox): FilePlace[] {
  return outbox.flatMap((item) => (item.files ?? []).map((file) => ({ item, file })));
}

export function findFile(outbox: Outbox, key: string): FilePlace | undefined {
  return filesIn(outbox).find(({ file }) => file.key === key);
}

/** Those that are to be uploaded now, but for the network. */
export function filesToUpload(outbox: Outbox): FilePlace[] {
  return filesIn(outbox).filter(
    ({ item, file }) => item.status !== 'failed' && !file.isUploaded && !file.isPaused,
  );
}

/** The outbox where a file is another; one that is not there changes nothing. */
export function withFile(
  outbox: Outbox,
  key: string,
  change: (file: OutboxFile) => OutboxFile,
): Outbox {
  const place = findFile(outbox, key);
  if (!place) return outbox;
  const after = change(place.file);
  if (after === place.file) return outbox;
  const files = place.item.files?.map((file) => (file === place.file ? after : file));
  return outbox.map((item) => (item === place.item ? { ...item, files } : item));
}

/** Whether a message is one without its files. */
function isMessage({ command, input }: OutboxItem): boolean {
  return (
    command === 'sendEncryptedMessage' ||
    (command === 'sendMedia' && (input.text ?? '').trim() !== '')
  );
}

/**
 * Without a file. What is left of its message is sent: the other files, or the caption as a text; where there is neither,
 * the message is given up.
 *
 * @returns the same outbox where the server may have the message already.
 */
export function cancelFile(outbox: Outbox, key: string): Outbox {
  const place = findFile(outbox, key);
  if (!place || !isUntouched(place.item)) return outbox;
  const { item } = place;
  const files = item.files?.filter((file) => file !== place.file) ?? [];
  if (files.length === 0 && !isMessage(item)) return discard(outbox, item.id);
  const stays = item.status === 'failed' && (files.some(({ error }) => error) || !place.file.error);
  const status = stays ? 'failed' : 'queued';
  const error = stays ? item.error : undefined;
  return outbox.map((other) => (other === item ? without(item, files, status, error) : other));
}

function without(
  item: OutboxItem,
  files: readonly OutboxFile[],
  status: OutboxItem['status'],
  error: OutboxItem['error'],
): OutboxItem {
  if (files.length > 0 || item.command !== 'sendMedia') return { ...item, files, status, error };
  const { files: _, ...rest } = item;
  const { chatId, clientMessageId, replyToId, mentions, text = '' } = item.input;
  const input = { chatId, clientMessageId, replyToId, mentions, text };
  return { ...rest, command: 'sendMessage', input, status, error };
}
