import type { Chat } from './world.js';

export const TEXTS = [
  'one',
  'two',
  'three',
  'a rather long text, of which a reply shows the beginning. '.repeat(4),
];
export const TITLES = ['A group', 'Another title', 'A third one'];
export const CIPHERS = ['AAAA', 'BBBB'].map((ciphertext) => ({ scheme: 'test', ciphertext }));
/** MSG-1: mentions of users who are not members are left out. */
export function inChat(chat: Chat, mentions: readonly string[] | undefined): string[] | undefined {
  const known = mentions?.filter((user) => chat.members.has(user)) ?? [];
  return known.length > 0 ? known : undefined;
}
