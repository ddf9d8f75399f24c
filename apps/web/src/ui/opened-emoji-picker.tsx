import { Popover } from '@base-ui/react/popover';
import { EmojiPicker } from 'frimousse';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { type Anchor, placeOf } from './anchor.js';

const DATA = '/emoji';

export interface EmojiRequest {
  readonly anchor: Anchor;
  readonly onPick: (emoji: string) => void;
}

interface OpenedEmojiPickerProps extends EmojiRequest {
  readonly onClose: () => void;
}

export default function OpenedEmojiPicker({
  anchor,
  onPick,
  onClose,
}: OpenedEmojiPickerProps): ReactNode {
  const say = useText();
  return (
    <Popover.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          anchor={placeOf(anchor)}
          sideOffset={8}
          collisionPadding={8}
          className="z-50"
        >
          <Popover.Popup
            aria-label={say('emoji.title')}
            className="bg-raised shadow-raised border-line rounded-card animate-appear overflow-hidden border outline-none"
          >
            <EmojiPicker.Root
              locale="en"
              emojibaseUrl={DATA}
              columns={8}
              onEmojiSelect={({ emoji }) => {
                onPick(emoji);
                onClose();
              }}
              className="flex h-84 w-76 flex-col"
            >
              <EmojiPicker.Search
                aria-label={say('emoji.search')}
                placeholder={say('emoji.search')}
                autoFocus
                className="bg-field placeholder:text-muted m-2 h-10 shrink-0 rounded-full px-4"
              />
              <EmojiPicker.Viewport
                tabIndex={0}
                aria-label={say('emoji.title')}
                className="min-h-0 grow"
              >
                <EmojiPicker.Loading className="text-muted absolute inset-0 grid place-items-center">
                  {say('common.loading')}
                </EmojiPicker.Loading>
                <EmojiPicker.Empty className="text-muted absolute inset-0 grid place-items-center">
                  {say('emoji.none')}
                </EmojiPicker.Empty>
                <EmojiPicker.List
                  className="pb-2 select-none"
                  components={{
                    CategoryHeader: ({ category, ...rest }) => (
                      <div
                        {...rest}
                        className="bg-raised text-muted px-3 py-1.5 text-sm font-medium"
                      >
                        {category.label}
                      </div>
                    ),
                    // They count from 0 there, and from 1 in ARIA. The margin is for the row that is then taken for the active one.
                    Row: ({ children, ...rest }) => (
                      <div
                        {...rest}
                        aria-rowindex={(rest['aria-rowindex'] ?? 0) + 1}
                        className="scroll-mb-9 px-2"
                      >
                        {children}
                      </div>
                    ),
                    Emoji: ({ emoji, ...rest }) => (
                      <button
                        type="button"
                        {...rest}
                        aria-colindex={(rest['aria-colindex'] ?? 0) + 1}
                        className="data-active:bg-selected grid size-9 place-items-center rounded-lg text-xl"
                      >
                        {emoji.emoji}
                      </button>
                    ),
                  }}
                />
              </EmojiPicker.Viewport>
            </EmojiPicker.Root>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
