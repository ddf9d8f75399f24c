import type { ChatHandle, ChatItem, TimelineItem } from '@natter/client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ComposerTask } from './composer-task.js';

const KEEP_AFTER_MS = 700;

interface DraftOptions {
  readonly handle: ChatHandle;
  readonly chat: ChatItem;
  readonly items: readonly TimelineItem[];
  readonly task: ComposerTask;
  readonly onTask: (task: ComposerTask) => void;
}

interface DraftText {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** It was sent: there is no draft any more. */
  readonly clear: () => void;
}

/** What is being written, kept as the chat's draft: it is there again after a reload and on other devices. */
export function useDraft({ handle, chat, items, task, onTask }: DraftOptions): DraftText {
  const { draft } = chat;
  const [text, show] = useState(draft?.text ?? '');
  const latest = useRef({ text, isKept: true, task });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  latest.current.task = task;

  const keep = useCallback((): void => {
    clearTimeout(timer.current);
    const { isKept, text: now, task: about } = latest.current;
    if (isKept) return;
    latest.current.isKept = true;
    handle.setDraft(now, about.type === 'reply' ? about.message : undefined);
  }, [handle]);

  useEffect(() => {
    addEventListener('pagehide', keep);
    return () => {
      removeEventListener('pagehide', keep);
      keep();
    };
  }, [keep]);

  // What was written on another device meanwhile, unless something was written here that is not kept yet.
  const known = useRef(draft);
  useEffect(() => {
    if (known.current === draft) return;
    known.current = draft;
    if (!latest.current.isKept) return;
    latest.current.text = draft?.text ?? '';
    show(latest.current.text);
  }, [draft]);

  // What the draft answers.
  const replyToId = draft?.replyToId;
  const restored = useRef(false);
  useEffect(() => {
    if (restored.current || replyToId === undefined) return;
    const message = items.find((item) => item.type === 'message' && item.id === replyToId);
    if (message?.type !== 'message') return;
    restored.current = true;
    onTask({ type: 'reply', message });
  }, [replyToId, items, onTask]);

  const setText = useCallback(
    (next: string): void => {
      latest.current.text = next;
      latest.current.isKept = false;
      show(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(keep, KEEP_AFTER_MS);
    },
    [keep],
  );
  const clear = useCallback((): void => {
    clearTimeout(timer.current);
    restored.current = true;
    const wasKept = handle.getSnapshot()?.draft !== undefined;
    latest.current.text = '';
    latest.current.isKept = true;
    show('');
    if (wasKept) handle.setDraft('');
  }, [handle]);
  return { text, setText, clear };
}
