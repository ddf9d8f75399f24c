import type { ChatItem } from '@natter/client';
import type { Say } from '../i18n/use-text.js';

/** Who is typing in a chat; `undefined` where nobody is. */
export function typingText({ type, typing }: ChatItem, say: Say): string | undefined {
  const [typist] = typing;
  if (!typist) return undefined;
  return type === 'direct'
    ? say('typing.one')
    : say('typing.named', { name: typist.displayName, others: typing.length - 1 });
}
