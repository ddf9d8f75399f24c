import type { MessageItem } from '@natter/client';
import { useCallback, useMemo } from 'react';
import { type Say, useText } from '../i18n/use-text.js';
import { mediaSummary } from '../media/media-label.js';
import { useSystemText } from './system-text.js';

type Content = Pick<MessageItem, 'kind' | 'text' | 'deletedAt'> & {
  readonly media?: Parameters<typeof mediaSummary>[0];
};

/** What a message says in one line, whoever wrote it: its text, what it carries, or both. */
export function contentSummary(message: Content, say: Say): string {
  if (message.deletedAt !== undefined) return say('message.deleted');
  if (message.kind === 'encrypted') return say('message.encrypted');
  const text = message.text?.trim().replaceAll(/\s+/g, ' ') ?? '';
  const media = mediaSummary(message.media, say);
  if (media === undefined) return text;
  return text === '' ? media : `${media} · ${text}`;
}

/** A message in one line: for lists, quotes of it, and screen readers. */
export function useSummarizer(): (message: MessageItem) => string {
  const say = useText();
  const systemText = useSystemText();
  return useCallback(
    (message) => (message.kind === 'system' ? systemText(message) : contentSummary(message, say)),
    [say, systemText],
  );
}

export function useMessageSummary(message: MessageItem | undefined): string {
  const summarize = useSummarizer();
  return useMemo(() => (message ? summarize(message) : ''), [message, summarize]);
}
