import type {
  ChatId,
  ClientMessageId,
  DeviceId,
  MediaId,
  MessageId,
  UserId,
} from '@natter/protocol';
import { invalid } from './errors.js';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

type Id = ChatId | ClientMessageId | DeviceId | MediaId | MessageId | UserId;

function isId<T extends Id>(text: string): text is T {
  return UUID.test(text);
}

function parse<T extends Id>(text: string, what: string): T {
  const lower = text.toLowerCase();
  if (!isId<T>(lower)) throw invalid(`Not the id of a ${what}: ${text.slice(0, 64)}`);
  return lower;
}

/** Ids as an application has them, from an address or its own database, become ids of ours at the door. */
export const toChatId = (text: string): ChatId => parse(text, 'chat');
export const toUserId = (text: string): UserId => parse(text, 'user');
export const toDeviceId = (text: string): DeviceId => parse(text, 'device');
export const toMediaId = (text: string): MediaId => parse(text, 'file');
export const toMessageId = (text: string): MessageId => parse(text, 'message');

/**
 * A new random UUID (version 4). Browsers have `crypto.randomUUID` only where the page came over https or from
 * localhost, and a chat may be tried in a home network.
 */
export function newId(): ClientMessageId {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const value = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, '0');
  }).join('');
  return parse(hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), 'message');
}
