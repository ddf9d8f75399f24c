import type { BackgroundClient } from '@natter/client';
import type { AlertSettings } from '../notifications/alert-settings.js';
import type { MessagePush } from './push-payload.js';

/** A browser shows an alert of its own where ours comes too late. */
const PATIENCE_MS = 8000;
const LONGEST_BODY = 300;

interface Words {
  readonly title: string;
  readonly body: string;
}

/** What there is to say of a message. */
interface Told {
  readonly sender: string;
  /** Of a group. */
  readonly title: string | undefined;
  /** `undefined` where it cannot be told. */
  readonly text: string | undefined;
}

export type Teller = (push: MessagePush, settings: AlertSettings) => Promise<Told | undefined>;

/** Asks the server as this browser's user: a push says no more than which message it is about. */
export function tellerBy(client: BackgroundClient): Teller {
  return async ({ chatId, messageId }, settings) => {
    const [message, chat] = await Promise.all([
      client.request('getMessage', { params: { id: messageId } }),
      client.request('getChat', { params: { id: chatId } }),
    ]);
    const text = message.text?.trim().replaceAll(/\s+/g, ' ') || undefined;
    const kind = { encrypted: settings.encrypted, media: settings.file };
    const instead =
      message.kind === 'encrypted' || message.kind === 'media' ? kind[message.kind] : undefined;
    // Of what was deleted meanwhile there is nothing to tell.
    const isGone = message.deletedAt !== undefined;
    return {
      sender: message.sender.displayName,
      title: chat.title,
      text: isGone ? undefined : (text ?? instead),
    };
  };
}

/** What comes in time; nothing where it fails. */
async function inTime<T>(asked: Promise<T | undefined>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** What an alert says: as much as its user wants to be seen, and as can be had in time. */
export async function wordsOf(
  push: MessagePush,
  settings: AlertSettings,
  teller: Teller,
): Promise<Words> {
  const { preview, newMessage } = settings;
  const nothing = { title: 'Natter', body: newMessage };
  if (preview === 'nothing') return nothing;
  const { sender, title, preview: sent } = push;
  const told =
    sender === undefined ? await inTime(teller(push, settings)) : { sender, title, text: sent };
  if (!told) return nothing;
  const text = (preview === 'text' ? told.text : undefined) ?? newMessage;
  const body = told.title === undefined ? text : `${told.sender}: ${text}`;
  return {
    title: told.title ?? told.sender,
    body: Array.from(body).slice(0, LONGEST_BODY).join(''),
  };
}
