import type { MessageItem } from '@natter/client';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { useConversation } from './conversation-context.js';
import { toggleReaction } from './toggle-reaction.js';

/** Below a message: how others feel about it. A press adds one's own, or takes it back. */
export function Reactions({ message }: { readonly message: MessageItem }): ReactNode {
  const say = useText();
  const { handle } = useConversation();
  if (message.reactions.length === 0) return null;
  return (
    <div className="z-1 -mt-1 flex max-w-[85%] flex-wrap gap-1 px-1.5">
      {message.reactions.map(({ emoji, count, mine }) => (
        <button
          key={emoji}
          type="button"
          tabIndex={-1}
          aria-pressed={mine}
          aria-label={say('message.reaction', { emoji, count })}
          onClick={() => toggleReaction(handle, message, emoji)}
          className={clsx(
            'border-canvas flex h-7 items-center gap-1 rounded-full border-2 px-2 text-sm',
            mine ? 'bg-brand-soft text-brand-text font-semibold' : 'bg-raised text-muted',
          )}
        >
          <span aria-hidden="true">{emoji}</span>
          {count > 1 && <span>{count}</span>}
        </button>
      ))}
    </div>
  );
}
