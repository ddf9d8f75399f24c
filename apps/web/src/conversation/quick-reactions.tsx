import type { ChatHandle, MessageItem } from '@natter/client';
import { Menu } from '@base-ui/react/menu';
import { Plus } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { showEmojiPicker } from '../ui/emoji-picker.js';
import { toggleReaction } from './toggle-reaction.js';

const quick = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

/** Above the actions of a message: the six reactions that are used most, and all others. */
export default function QuickReactions({
  handle,
  message,
}: {
  readonly handle: ChatHandle;
  readonly message: MessageItem;
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
        <Menu.Item
          key={emoji}
          aria-label={say('message.reactWith', { emoji })}
          aria-current={mine.includes(emoji) ? 'true' : undefined}
          onClick={() => toggleReaction(handle, message, emoji)}
          className={clsx(
            'data-highlighted:bg-hover cursor-default outline-none grid size-9 place-items-center rounded-full text-xl transition-transform data-highlighted:scale-115',
            mine.includes(emoji) && 'bg-brand-soft',
          )}
        >
          {emoji}
        </Menu.Item>
      ))}
      <Menu.Item
        aria-label={say('message.moreReactions')}
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          showEmojiPicker({
            anchor: { x: left, y: bottom },
            onPick: (emoji) => toggleReaction(handle, message, emoji),
          });
        }}
        className="bg-field text-muted data-highlighted:bg-selected grid cursor-default outline-none size-9 place-items-center rounded-full"
      >
        <Plus className="size-4.5" />
      </Menu.Item>
    </div>
  );
}
