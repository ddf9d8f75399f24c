import type { MessageItem, ReplyItem } from '@natter/client';
import { useMe } from '@natter/client/react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { type Say, useText } from '../i18n/use-text.js';
import { nameColour } from '../people/name-colour.js';
import { useConversation } from './conversation-context.js';
import { contentSummary } from './message-summary.js';

/** The answer names the text alone; what files there are is known of messages that are loaded. */
function quotedText(reply: ReplyItem, quoted: MessageItem | undefined, say: Say): string {
  if (reply.kind === 'encrypted') return say('message.encrypted');
  if (quoted?.media && quoted.deletedAt === undefined) return contentSummary(quoted, say);
  return reply.preview ?? say(reply.kind === 'media' ? 'media.some' : 'message.gone');
}

/** What a message answers; it leads there. */
export function Quote({
  reply,
  isOwn,
}: {
  readonly reply: ReplyItem;
  readonly isOwn: boolean;
}): ReactNode {
  const say = useText();
  const me = useMe();
  const { jumpTo, find } = useConversation();
  const name = reply.senderId === me?.id ? say('people.you') : reply.sender?.displayName;
  return (
    <button
      type="button"
      tabIndex={-1}
      onClick={() => jumpTo(reply.messageId)}
      className={clsx(
        'border-brand mt-0.5 mb-1 block w-full rounded-lg border-s-4 px-2.5 py-1 text-start text-sm',
        isOwn ? 'bg-panel/55' : 'bg-field',
      )}
    >
      <bdi className={clsx('block truncate font-semibold', nameColour(reply.senderId))}>
        {name ?? say('people.someone')}
      </bdi>
      <span className={clsx('line-clamp-2', isOwn ? 'text-own-muted' : 'text-muted')}>
        <bdi>{quotedText(reply, find(reply.messageId), say)}</bdi>
      </span>
    </button>
  );
}
