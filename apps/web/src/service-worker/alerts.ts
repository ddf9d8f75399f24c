interface Alert {
  readonly type: 'message' | 'close';
  readonly chatId: string;
  readonly seq: number;
  readonly title: string | undefined;
  readonly text: string | undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = new Map<string, unknown>(Object.entries(value)).get(key);
  return typeof found === 'string' ? found : undefined;
}

/** What a push says (PUSH-2); `undefined` for what this version does not know. */
function alertOf(payload: unknown): Alert | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(payload));
  const [type, seq, chatId] = [fields.get('type'), fields.get('seq'), textAt(payload, 'chatId')];
  if ((type !== 'message' && type !== 'close') || chatId === undefined) return undefined;
  const sender = textAt(fields.get('sender'), 'displayName');
  const group = textAt(payload, 'title');
  const preview = textAt(payload, 'preview');
  const isFromGroup = group !== undefined && sender !== undefined && preview !== undefined;
  return {
    type,
    chatId,
    seq: typeof seq === 'number' ? seq : 0,
    title: group ?? sender,
    text: isFromGroup ? `${sender}: ${preview}` : preview,
  };
}

/** Its chat is the tag: one alert for each chat, of the newest message. */
async function show(registration: ServiceWorkerRegistration, alert: Alert): Promise<void> {
  await registration.showNotification(alert.title ?? 'Natter', {
    body: alert.text ?? '…',
    tag: alert.chatId,
    icon: '/icons/192.png',
    data: { seq: alert.seq },
  });
}

function seqOf(notification: Notification): number {
  const data: unknown = notification.data;
  const seq = typeof data === 'object' && data !== null && 'seq' in data ? data.seq : 0;
  return typeof seq === 'number' ? seq : 0;
}

async function close(registration: ServiceWorkerRegistration, alert: Alert): Promise<void> {
  const shown = await registration.getNotifications({ tag: alert.chatId });
  for (const notification of shown) if (seqOf(notification) <= alert.seq) notification.close();
}

/** Does what a push says: alerts of a message, or closes what was read elsewhere. */
export async function takePush(
  registration: ServiceWorkerRegistration,
  payload: unknown,
): Promise<void> {
  const alert = alertOf(payload);
  if (!alert) return;
  await (alert.type === 'message' ? show : close)(registration, alert);
}
