import type { MessageItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { Pin, Star, Timer } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { fullTime, timeOfDay } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Ticks } from './ticks.js';

/** In the corner of a message: when it was written, how far it has come, and what is special about it. */
export function BubbleFoot({ message }: { readonly message: MessageItem }): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const { isOwn, createdAt, deletedAt } = message;
  return (
    <span
      className={clsx(
        'flex shrink-0 items-center gap-1 ps-1 text-xs select-none',
        isOwn ? 'text-own-muted' : 'text-muted',
      )}
    >
      {message.pinned === true && <Pin aria-label={say('message.pinned')} className="size-3" />}
      {message.starred === true && (
        <Star aria-label={say('message.starred')} className="size-3 fill-current" />
      )}
      {message.expiresAt !== undefined && (
        <Timer aria-label={say('message.expires')} className="size-3" />
      )}
      {message.editedAt !== undefined && deletedAt === undefined && (
        <span>{say('message.edited')}</span>
      )}
      <time dateTime={createdAt} title={fullTime(locale, createdAt)}>
        {timeOfDay(locale, createdAt)}
      </time>
      {isOwn && deletedAt === undefined && <Ticks status={message.status} />}
    </span>
  );
}
