import type { MessageItem } from '@natter/client';
import { useCallback, useMemo } from 'react';
import { type Say, useText } from '../i18n/use-text.js';
import { useSystemText } from './system-text.js';

function contentOf(message: MessageItem, say: Say): string {
  if (message.deletedAt !== undefined) return say('message.deleted');
  if (message.kind === 'encrypted') return say('message.encrypted');
  return message.text?.trim().replaceAll(/\s+/g, ' ') ?? '';
}

/** A message in one line: for lists, quotes of it, and screen readers. */
export function useSummarizer(): (message: MessageItem) => string {
  const say = useText();
  const systemText = useSystemText();
  return useCallback(
    (message) => (message.kind === 'system' ? systemText(message) : contentOf(message, say)),
    [say, systemText],
  );
}

export function useMessageSummary(message: MessageItem | undefined): string {
  const summarize = useSummarizer();
  return useMemo(() => (message ? summarize(message) : ''), [message, summarize]);
}
