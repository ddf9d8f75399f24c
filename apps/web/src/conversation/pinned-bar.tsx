import type { ChatItem, MessageItem, TimelineItem } from '@natter/client';
import { useChatClient } from '@natter/client/react';
import { Pin } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { useAnswer } from '../ui/use-answer.js';
import { useConversation } from './conversation-context.js';
import { contentSummary } from './message-summary.js';

type PinnedMessage = Pick<MessageItem, 'id'> & Parameters<typeof contentSummary>[0];

/** The pinned messages: those that the server has, but for what is known better of the ones that are loaded. */
function usePins(chatId: string, items: readonly TimelineItem[]): PinnedMessage[] {
  const client = useChatClient();
  const messages = items.filter((item) => item.type === 'message');
  const loaded = new Map(messages.map((message) => [message.id?.toString(), message]));
  const pinned = messages.filter((message) => message.pinned === true);
  const { value } = useAnswer(
    () => client.request('listPins', { params: { id: chatId }, query: {} }),
    [chatId, pinned.map(({ key }) => key).join()],
  );
  const others = (value?.items ?? []).filter(({ id }) => !loaded.has(id));
  return [...pinned.toReversed(), ...others];
}

/** The pinned messages, one at a time; a press leads to it and shows the next. */
export function PinnedBar({
  chat,
  items,
}: {
  readonly chat: ChatItem;
  readonly items: readonly TimelineItem[];
}): ReactNode {
  const say = useText();
  const { jumpTo } = useConversation();
  const [turn, setTurn] = useState(0);
  const pins = usePins(chat.id, items);
  const pin = pins[turn % Math.max(pins.length, 1)];
  if (!pin) return null;
  return (
    <button
      type="button"
      onClick={() => {
        if (pin.id !== undefined) jumpTo(pin.id);
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
        <span className="text-muted block truncate text-sm">
          <bdi>{contentSummary(pin, say)}</bdi>
        </span>
      </span>
    </button>
  );
}
