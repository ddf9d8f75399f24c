import type { MessageItem } from '@natter/client';
import { Ban, ChevronDown, Forward, Lock } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { albumWidth } from '../media/album.js';
import { partsOf, shownMedia } from '../media/media-item.js';
import { MessageMedia } from '../media/message-media.js';
import { nameColour } from '../people/name-colour.js';
import { BubbleFoot } from './bubble-foot.js';
import { useConversation } from './conversation-context.js';
import { isEmojiOnly } from './emoji-only.js';
import { MessageText } from './message-text.js';
import { Quote } from './quote.js';
import { SendFailure } from './send-failure.js';

interface BubbleProps {
  readonly message: MessageItem;
  readonly showsSender: boolean;
  /** It is the last one of several that were written in one go. */
  readonly hasTail: boolean;
  readonly onMenu: (anchor: Element) => void;
}

function Body({ message }: { readonly message: MessageItem }): ReactNode {
  const say = useText();
  if (message.deletedAt !== undefined) {
    return (
      <span className="text-muted flex items-center gap-1.5 italic">
        <Ban className="size-4" /> {say('message.deleted')}
      </span>
    );
  }
  if (message.kind === 'encrypted') {
    return (
      <span className="text-muted flex items-center gap-1.5 italic">
        <Lock className="size-4" /> {say('message.encrypted')}
      </span>
    );
  }
  const text = message.text ?? '';
  if (isEmojiOnly(text)) return <span className="text-[2.5rem] leading-tight">{text}</span>;
  return <MessageText text={text} mentions={message.mentions} />;
}

/** Above this, a caption has room beside the time. */
const LEAST_CAPTION_WIDTH = 240;

/** What somebody wrote. */
export function Bubble({ message, showsSender, hasTail, onMenu }: BubbleProps): ReactNode {
  const say = useText();
  const { open } = useConversation();
  const { isOwn, sender } = message;
  const media = shownMedia(message);
  const { visuals, others } = partsOf(media);
  const hasText = media.length === 0 || (message.text ?? '') !== '';
  const isFootOnPicture = !hasText && others.length === 0;
  const width = Math.max(albumWidth(visuals), hasText ? LEAST_CAPTION_WIDTH : 0);
  return (
    <div
      data-bubble=""
      // A picture says how wide its message is, and its caption has to fit.
      style={visuals.length > 0 ? { maxWidth: `min(85%, ${width + 8}px)` } : undefined}
      className={clsx(
        'group/bubble shadow-bubble rounded-bubble relative max-w-[min(36rem,85%)] min-w-24 px-3 pt-1.5 pb-1.5',
        isOwn ? 'bg-own' : 'bg-other',
        hasTail && (isOwn ? 'rounded-ee-sm' : 'rounded-es-sm'),
      )}
    >
      {showsSender ? (
        <p className={clsx('text-sm font-semibold', nameColour(sender.id))}>
          <bdi>{sender.displayName}</bdi>
        </p>
      ) : (
        <span className="sr-only">
          {isOwn ? say('people.you') : sender.displayName}
          {': '}
        </span>
      )}
      {message.forwarded === true && (
        <p className="text-muted flex items-center gap-1 text-sm italic">
          <Forward className="size-3.5 rtl:-scale-x-100" /> {say('message.forwarded')}
        </p>
      )}
      {message.replyTo && <Quote reply={message.replyTo} isOwn={isOwn} />}
      {media.length > 0 && (
        <MessageMedia
          message={message}
          media={media}
          onOpen={(opened) => open(message, opened)}
          foot={isFootOnPicture ? <BubbleFoot message={message} /> : undefined}
        />
      )}
      {!isFootOnPicture && (
        <div className="flex flex-wrap items-end justify-end gap-x-2">
          <div className="min-w-0 grow">{hasText && <Body message={message} />}</div>
          <BubbleFoot message={message} />
        </div>
      )}
      {message.status === 'failed' && <SendFailure message={message} />}
      <button
        type="button"
        tabIndex={-1}
        aria-label={say('message.actions')}
        aria-haspopup="menu"
        onClick={(event) => onMenu(event.currentTarget)}
        className={clsx(
          'text-muted absolute end-1.5 top-1.5 grid size-7 place-items-center rounded-full opacity-0 transition-opacity group-hover/bubble:opacity-100 focus-visible:opacity-100',
          isOwn ? 'bg-own' : 'bg-other',
        )}
      >
        <ChevronDown className="size-4.5" />
      </button>
    </div>
  );
}
