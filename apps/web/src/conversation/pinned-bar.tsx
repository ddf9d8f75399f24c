import type { ChatItem } from '@natter/client';
import { useChatClient } from '@natter/client/react';
import { Pin } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { useAnswer } from '../ui/use-answer.js';
import { useConversation } from './conversation-context.js';

/** How often something was pinned in a chat since it was opened, here or by others. */
function usePinChanges(chatId: string): number {
  const client = useChatClient();
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const hear = (payload: { readonly chatId: string }): void => {
      if (payload.chatId === chatId) setChanges((count) => count + 1);
    };
    const stops = [
      client.on('messagePinned', hear),
      client.on('messageUnpinned', hear),
      client.on('messageDeleted', hear),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, chatId]);
  return changes;
}

/** The pinned messages, one at a time; a press leads to it and shows the next. */
export function PinnedBar({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { jumpTo } = useConversation();
  const [turn, setTurn] = useState(0);
  const changes = usePinChanges(chat.id);
  const { value } = useAnswer(
    () => client.request('listPins', { params: { id: chat.id }, query: {} }),
    [chat.id, changes],
  );
  const pins = value?.items ?? [];
  const pin = pins[turn % Math.max(pins.length, 1)];
  if (!pin) return null;
  return (
    <button
      type="button"
      onClick={() => {
        jumpTo(pin.id);
        setTurn(turn + 1);
      }}
      className="bg-panel border-line hover:bg-hover flex min-h-12 shrink-0 items-center gap-3 border-b px-6 text-start"
    >
      <Pin className="text-brand-text size-4 shrink-0" />
      <span className="min-w-0 grow">
        <span className="text-brand-text block text-sm font-semibold">
          {pins.length > 1
            ? say('pins.oneOf', { number: (turn % pins.length) + 1, count: pins.length })
            : say('pins.title')}
        </span>
        <span className="text-muted block truncate text-sm" dir="auto">
          {pin.text ?? say('message.encrypted')}
        </span>
      </span>
    </button>
  );
}
