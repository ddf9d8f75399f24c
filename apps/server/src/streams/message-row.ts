import type {
  ChatEntry,
  ChatId,
  ClientMessageId,
  DeviceId,
  Message,
  MessageId,
  System,
  UserId,
} from '@natter/protocol';

/** A message as it is stored, with its sender as of now. */
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
  system: System | null;
  created_at: Date;
  username: string;
  display_name: string;
}

/** The columns of a `MessageRow`, of `messages m` joined with `users u`. */
export const messageColumns = [
  'm.chat_id',
  'm.seq',
  'm.id',
  'm.kind',
  'm.sender_id',
  'm.sender_device_id',
  'm.client_message_id',
  'm.text',
  'm.mentions',
  'm.system',
  'm.created_at',
  'u.username',
  'u.display_name',
] as const;

export function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    chatId: row.chat_id,
    seq: row.seq,
    kind: row.kind,
    senderId: row.sender_id,
    sender: { id: row.sender_id, username: row.username, displayName: row.display_name },
    ...(row.sender_device_id !== null && { senderDeviceId: row.sender_device_id }),
    ...(row.client_message_id !== null && { clientMessageId: row.client_message_id }),
    ...(row.text !== null && { text: row.text }),
    ...(row.mentions !== null && { mentions: row.mentions }),
    ...(row.system !== null && { system: row.system }),
    reactions: [],
    createdAt: row.created_at.toISOString(),
  };
}

/** A stored message as the entry of its chat's stream. */
export function toChatEntry(row: MessageRow): ChatEntry {
  return { event: 'newMessage', payload: toMessage(row) };
}
