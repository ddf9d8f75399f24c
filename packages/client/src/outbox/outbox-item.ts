import type { ChatId, ClientMessageId, CommandInput, UserId } from '@natter/protocol';
import type { ErrorInfo } from '../errors.js';
import type { OrderedFile, OutboxFile } from './outbox-file.js';

/** The commands that wait in the outbox until the server has answered them. */
export type QueuedCommand =
  | 'sendMessage'
  | 'sendEncryptedMessage'
  | 'sendMedia'
  | 'forwardMessage'
  | 'editMessage'
  | 'deleteMessage'
  | 'addReaction'
  | 'removeReaction'
  | 'pinMessage'
  | 'unpinMessage'
  | 'starMessage'
  | 'unstarMessage'
  | 'setDraft'
  | 'clearChat'
  | 'messageDelivered'
  | 'messageSeen';

export interface GroupToCreate {
  readonly title: string;
  readonly memberIds: UserId[];
  readonly visibility?: 'private' | 'public' | undefined;
}

/** What an operation is, before it is in the outbox. */
export type Operation =
  | {
      [K in QueuedCommand]: { readonly command: K; readonly input: CommandInput<K> };
    }[QueuedCommand]
  | { readonly command: 'createGroup'; readonly input: GroupToCreate }
  /** A file that is for no message, or for one that the application sends by itself. */
  | { readonly command: 'uploadFile'; readonly input: Readonly<Record<string, never>> };

/** An operation, and where it belongs. */
export interface Order {
  readonly id: ClientMessageId;
  readonly operation: Operation;
  readonly chatId?: ChatId;
  /** Where it has to keep its order; by itself where nothing is said. */
  readonly lane?: string;
  readonly about?: ClientMessageId | undefined;
  readonly files?: readonly OrderedFile[] | undefined;
}

interface Place {
  /** Made once and sent with each attempt; the `clientMessageId` of a send, the `clientChatId` of a group. */
  readonly id: ClientMessageId;
  /** What is in one lane is carried out one after the other. */
  readonly lane: string;
  readonly chatId: ChatId | undefined;
  readonly createdAt: string;
  /** How often it was begun. From the first time on the server may have carried it out. */
  readonly attempts: number;
  /** `failed`: the server refused it for good; it is here until it is retried, changed or discarded. */
  readonly status: 'queued' | 'sending' | 'failed';
  readonly error?: ErrorInfo | undefined;
  /** The send in this outbox for whose message `input.messageId` stands until it has one. */
  readonly about?: ClientMessageId | undefined;
  /** What has to be uploaded before it is carried out; their ids take the place of `input.mediaIds` then. */
  readonly files?: readonly OutboxFile[] | undefined;
}

/** One thing that the user did and that the server has not answered yet. Plain data, to be stored as it is. */
export type OutboxItem = Place & Operation;

type Commands = Exclude<Operation, { command: 'createGroup' | 'uploadFile' }>;
export type CommandItem = Place & Commands;
export type SendItem = Extract<
  OutboxItem,
  { command: 'sendMessage' | 'sendEncryptedMessage' | 'sendMedia' }
>;

/** What an order is in the outbox, where nothing has been done of it. @param now Milliseconds since 1970. */
export function itemOf(
  { id, operation, chatId, lane = id, about, files }: Order,
  now: number,
): OutboxItem {
  const place: Place = {
    id,
    lane,
    chatId,
    about,
    createdAt: new Date(now).toISOString(),
    attempts: 0,
    status: 'queued',
    ...(files && { files: files.map(({ file }) => file) }),
  };
  return { ...operation, ...place };
}

export function isSend(item: OutboxItem): item is SendItem {
  return (
    item.command === 'sendMessage' ||
    item.command === 'sendEncryptedMessage' ||
    item.command === 'sendMedia'
  );
}

/** Marks and drafts: only the last one counts, so one that waits is replaced by the next. */
export function isReplaceable({ command }: OutboxItem): boolean {
  return command === 'messageSeen' || command === 'messageDelivered' || command === 'setDraft';
}

/**
 * What becomes of an operation that the server refuses for good. What the user wrote is never dropped: a message `holds`
 * what is behind it in its chat, so that nothing overtakes it; a changed text is only `kept`, for him to decide. Anything
 * else is `dropped`, and its effect with it.
 */
export function onRefusal(item: OutboxItem): 'holds' | 'kept' | 'dropped' {
  const { command } = item;
  if (isSend(item) || command === 'forwardMessage' || command === 'createGroup') return 'holds';
  return command === 'editMessage' ? 'kept' : 'dropped';
}
