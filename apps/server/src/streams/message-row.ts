import {
  type ChatId,
  type ClientMessageId,
  type DeviceId,
  Encrypted,
  type Message,
  type MessageId,
  previewOf,
  type ReactionCount,
  type ReplyTo,
  type Sender,
  System,
  type UserId,
} from '@natter/protocol';
import * as z from 'zod/mini';
import { mediaOf } from './media-view.js';
import { reportUnreadable } from './unreadable-rows.js';

/** A message as it is stored, with its sender as of now, and what it quotes. */
export interface MessageRow {
  chat_id: ChatId;
  seq: number;
  id: MessageId;
  kind: Message['kind'];
  sender_id: UserId;
  sender_device_id: DeviceId | null;
  client_message_id: ClientMessageId | null;
  text: string | null;
  mentions: UserId[] | null;
  /** `Encrypted` as JSON text. */
  encrypted: string | null;
  /** A list of `MediaView`, unless somebody else has written to the database. */
  media: unknown;
  /** `System`, unless somebody else has written to the database. */
  system: unknown;
  reply_to_id: MessageId | null;
  forwarded: boolean;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  pinned_at: Date | null;
  expires_at: Date | null;
  username: string;
  display_name: string;
  avatar: string | null;
  /** Of the quoted message; null where there is none. */
  reply_sender_id: UserId | null;
  reply_kind: Message['kind'] | null;
  /** What the reader may see of its text. */
  reply_text: string | null;
  reactions: ReactionCount[] | null;
  starred: boolean;
}

type SenderColumns = Pick<MessageRow, 'username' | 'display_name' | 'avatar'>;

function replyOf(row: MessageRow): ReplyTo | undefined {
  const { reply_to_id: messageId, reply_sender_id: senderId, reply_kind: kind } = row;
  if (messageId === null || senderId === null || kind === null) return undefined;
  return {
    messageId,
    senderId,
    kind,
    ...(row.reply_text !== null && { preview: previewOf(row.reply_text) }),
  };
}

/** `undefined` where what is stored is none of ours: one bad row must not keep a reader from the others (G30). */
function encryptedOf(row: MessageRow): Encrypted | undefined {
  if (row.encrypted === null) return undefined;
  const encrypted = z.safeParse(Encrypted, parsed(row.encrypted)).data;
  if (!encrypted) report('encrypted', row);
  return encrypted;
}

/** `undefined` for what is no JSON, which no JSON stands for. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same of what a system message tells, which the dispatch looks into. */
function systemOf(row: MessageRow): System | undefined {
  if (row.system === null) return undefined;
  const system = z.safeParse(System, row.system).data;
  if (!system) report('system', row);
  return system;
}

function report(what: 'encrypted' | 'system', { chat_id: streamId, seq }: MessageRow): void {
  reportUnreadable({ what, streamId, seq });
}

/** Where an avatar of this name is: public, and guessed by nobody. */
export function avatarUrl(name: string): string {
  return `/v1/avatars/${name}`;
}

/** A user as whatever he did names him. */
export function toSender(
  id: UserId,
  { username, display_name: displayName, avatar }: SenderColumns,
): Sender {
  return {
    id,
    username,
    displayName,
    ...(avatar !== null && { avatarUrl: avatarUrl(avatar) }),
  };
}

export function toMessage(row: MessageRow): Message {
  const replyTo = replyOf(row);
  const encrypted = encryptedOf(row);
  const media = mediaOf(row.media);
  const system = systemOf(row);
  return {
    id: row.id,
    chatId: row.chat_id,
    seq: row.seq,
    kind: row.kind,
    senderId: row.sender_id,
    sender: toSender(row.sender_id, row),
    ...(row.sender_device_id !== null && { senderDeviceId: row.sender_device_id }),
    ...(row.client_message_id !== null && { clientMessageId: row.client_message_id }),
    ...(row.text !== null && { text: row.text }),
    ...(row.mentions !== null && { mentions: row.mentions }),
    ...(encrypted && { encrypted }),
    ...(media && { media }),
    ...(system && { system }),
    ...(replyTo && { replyTo }),
    ...(row.forwarded && { forwarded: true as const }),
    reactions: row.reactions ?? [],
    ...(row.pinned_at !== null && { pinned: true as const }),
    ...(row.starred && { starred: true as const }),
    createdAt: row.created_at.toISOString(),
    ...(row.edited_at !== null && { editedAt: row.edited_at.toISOString() }),
    ...(row.deleted_at !== null && { deletedAt: row.deleted_at.toISOString() }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at.toISOString() }),
  };
}
