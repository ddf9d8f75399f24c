import type { ChatItem } from '@natter/client';
import { usePins } from '@natter/client/react';
import { Pin } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { useConversation } from './conversation-context.js';
import { contentSummary } from './message-summary.js';

/** The pinned messages, one at a time; a press leads to it and shows the next. */
export function PinnedBar({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const { jumpTo } = useConversation();
  const [turn, setTurn] = useState(0);
  const pins = usePins(chat.id) ?? [];
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
