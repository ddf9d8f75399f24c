/** What an alert shows of a message: who and what, who, or that there is one. */
export type AlertPreview = 'text' | 'sender' | 'nothing';

const previews: readonly AlertPreview[] = ['text', 'sender', 'nothing'];

export function isAlertPreview(value: unknown): value is AlertPreview {
  return previews.some((preview) => preview === value);
}

/** What the worker has to know of this browser's user: it has no page, so that it cannot see his settings or language. */
export interface AlertSettings {
  readonly preview: AlertPreview;
  readonly language: string;
  /** In that language. */
  readonly newMessage: string;
  readonly encrypted: string;
  readonly file: string;
}

/** Of a worker that no page of this version has been open with. */
const DEFAULTS: AlertSettings = {
  preview: 'sender',
  language: 'en',
  newMessage: 'New message',
  encrypted: 'Encrypted message',
  file: 'File',
};

// Of all that a browser keeps, pages and workers both reach it, and it needs no database of its own.
const [CACHE, KEY] = ['natter-alerts', '/alert-settings'];

export async function keepAlertSettings(settings: AlertSettings): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(KEY, new Response(JSON.stringify(settings)));
}

export async function readAlertSettings(): Promise<AlertSettings> {
  const kept = await (await caches.open(CACHE)).match(KEY);
  const stored: unknown = await kept?.json();
  if (typeof stored !== 'object' || stored === null) return DEFAULTS;
  const fields = new Map<string, unknown>(Object.entries(stored));
  const preview = fields.get('preview');
  const text = (key: Exclude<keyof AlertSettings, 'preview'>): string => {
    const value = fields.get(key);
    return typeof value === 'string' ? value : DEFAULTS[key];
  };
  return {
    preview: isAlertPreview(preview) ? preview : DEFAULTS.preview,
    language: text('language'),
    newMessage: text('newMessage'),
    encrypted: text('encrypted'),
    file: text('file'),
  };
}
