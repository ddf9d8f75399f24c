import { useCallback, useEffect, useMemo, useState } from 'react';
import type { SentMessage } from '../chat.js';
import type { MessageItem } from '../views/message-item.js';
import { useChatClient } from './provider.js';

export interface Composer {
  readonly text: string;
  /** To be called for each change: tells the others that the user types, and keeps the draft. */
  readonly setText: (text: string) => void;
  /** The message that is being answered. */
  readonly replyTo: MessageItem | undefined;
  readonly setReplyTo: (message: MessageItem | undefined) => void;
  /** Sends what was written, and begins anew; `undefined` where there is nothing to send. */
  readonly send: () => SentMessage | undefined;
  /** For when the field is left. */
  readonly onBlur: () => void;
}

/** What a chat's composer needs: a text that is a draft on all devices, and what is being answered. */
export function useComposer(chatId: string): Composer {
  const client = useChatClient();
  const chat = useMemo(() => client.chats.open(chatId), [client, chatId]);
  const [text, write] = useState(() => chat.getSnapshot()?.draft?.text ?? '');
  const [replyTo, setReplyTo] = useState<MessageItem>();
  useEffect(() => {
    write(chat.getSnapshot()?.draft?.text ?? '');
    setReplyTo(undefined);
    return () => chat.typing.stop();
  }, [chat]);
  const setText = useCallback(
    (next: string) => {
      write(next);
      if (next === '') chat.typing.stop();
      else chat.typing.keystroke();
      chat.setDraft(next, replyTo);
    },
    [chat, replyTo],
  );
  const send = useCallback(() => {
    if (text.trim() === '') return undefined;
    const sent = chat.send(replyTo ? { text, replyTo } : text);
    chat.setDraft('');
    write('');
    setReplyTo(undefined);
    return sent;
  }, [chat, text, replyTo]);
  const onBlur = useCallback(() => chat.typing.stop(), [chat]);
  return { text, setText, replyTo, setReplyTo, send, onBlur };
}
