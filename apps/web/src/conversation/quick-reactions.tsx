import type { ChatHandle, MessageItem } from '@natter/client';
import { Plus } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { showEmojiPicker } from '../ui/emoji-picker.js';
import { toggleReaction } from './toggle-reaction.js';

const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** Above the actions of a message: the six reactions that are used most, and all others. */
export function QuickReactions({
  handle,
  message,
  onClose,
}: {
  readonly handle: ChatHandle;
  readonly message: MessageItem;
  readonly onClose: () => void;
}): ReactNode {
  const say = useText();
  const mine = message.reactions.filter((reaction) => reaction.mine).map(({ emoji }) => emoji);
  return (
    <div
      role="group"
      aria-label={say('message.react')}
      className="border-line mb-1.5 flex gap-0.5 border-b p-1 pb-2"
    >
      {quick.map((emoji) => (
        <button
          key={emoji}
          type="button"
          aria-label={say('message.reactWith', { emoji })}
          aria-pressed={mine.includes(emoji)}
          onClick={() => {
            toggleReaction(handle, message, emoji);
            onClose();
          }}
          className={clsx(
            'hover:bg-hover grid size-9 place-items-center rounded-full text-xl transition-transform hover:scale-115',
            mine.includes(emoji) && 'bg-brand-soft',
          )}
        >
          {emoji}
        </button>
      ))}
      <button
        type="button"
        aria-label={say('message.moreReactions')}
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          onClose();
          showEmojiPicker({
            anchor: { x: left, y: bottom },
            onPick: (emoji) => toggleReaction(handle, message, emoji),
          });
        }}
        className="bg-field text-muted hover:text-text grid size-9 place-items-center rounded-full"
      >
        <Plus className="size-4.5" />
      </button>
    </div>
  );
}
