import type { MessageItem } from '@natter/client';
import { Ban, ChevronDown, Forward, Lock } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { nameColour } from '../people/name-colour.js';
import { BubbleFoot } from './bubble-foot.js';
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

/** What somebody wrote. */
export function Bubble({ message, showsSender, hasTail, onMenu }: BubbleProps): ReactNode {
  const say = useText();
  const { isOwn, sender } = message;
  return (
    <div
      data-bubble=""
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
      <div className="flex flex-wrap items-end justify-end gap-x-2">
        <div className="min-w-0 grow">
          <Body message={message} />
        </div>
        <BubbleFoot message={message} />
      </div>
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
