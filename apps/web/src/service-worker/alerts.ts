import { alertSeq } from '../notifications/alert-data.js';
import type { AlertSettings } from '../notifications/alert-settings.js';
import { type Teller, wordsOf } from './alert-words.js';
import { readPush, type MessagePush, type Push } from './push-payload.js';

export interface AlertContext {
  readonly registration: ServiceWorkerRegistration;
  readonly settings: () => Promise<AlertSettings>;
  /** Asks the server what a push does not say. */
  readonly teller: Teller;
}

/** `renotify` is in no library of types yet. */
interface AlertOptions extends NotificationOptions {
  readonly renotify: boolean;
}

/** Its chat is the tag: one alert for each chat, of the newest message. */
async function show(context: AlertContext, push: MessagePush): Promise<void> {
  const { registration, teller } = context;
  const settings = await context.settings();
  const { title, body } = await wordsOf(push, settings, teller);
  // While the server was asked, a later message may have been shown.
  const shown = await registration.getNotifications({ tag: push.chatId });
  if (shown.some((other) => alertSeq(other) > push.seq)) return;
  const options: AlertOptions = {
    body,
    tag: push.chatId,
    renotify: true,
    lang: settings.language,
    dir: 'auto',
    icon: '/icons/192.png',
    data: { seq: push.seq },
  };
  await registration.showNotification(title, options);
}

async function close({ registration }: AlertContext, { chatId, seq }: Push): Promise<void> {
  const shown = await registration.getNotifications({ tag: chatId });
  for (const alert of shown) if (alertSeq(alert) <= seq) alert.close();
}

/** Does what a push says: alerts of a message, or closes what was read elsewhere. */
export async function takePush(context: AlertContext, payload: unknown): Promise<void> {
  const push = readPush(payload);
  if (push?.type === 'message') await show(context, push);
  if (push?.type === 'close') await close(context, push);
}
