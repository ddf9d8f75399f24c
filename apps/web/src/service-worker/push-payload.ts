export interface MessagePush {
  readonly type: 'message';
  readonly chatId: string;
  readonly messageId: string;
  readonly seq: number;
  /** Only where the operator wants it to be in pushes. */
  readonly sender: string | undefined;
  /** Of the group, likewise. */
  readonly title: string | undefined;
  readonly preview: string | undefined;
}

/** What a push says (PUSH-2, PUSH-4). */
export type Push =
  | MessagePush
  | { readonly type: 'close'; readonly chatId: string; readonly seq: number };

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}

function textAt(fields: ReadonlyMap<string, unknown>, key: string): string | undefined {
  const value = fields.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** `undefined` for what this version does not know. */
export function readPush(payload: unknown): Push | undefined {
  const fields = fieldsOf(payload);
  const [type, seq] = [fields.get('type'), fields.get('seq')];
  const [chatId, messageId] = [textAt(fields, 'chatId'), textAt(fields, 'messageId')];
  if (chatId === undefined || typeof seq !== 'number') return undefined;
  if (type === 'close') return { type, chatId, seq };
  if (type !== 'message' || messageId === undefined) return undefined;
  return {
    type,
    chatId,
    messageId,
    seq,
    sender: textAt(fieldsOf(fields.get('sender')), 'displayName'),
    title: textAt(fields, 'title'),
    preview: textAt(fields, 'preview'),
  };
}
