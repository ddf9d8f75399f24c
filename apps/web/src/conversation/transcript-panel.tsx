import type { ChatItem, MessageItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useChat, useTimeline } from '@natter/client/react';
import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { paths } from '../app/paths.js';
import { dayKey, dayName, timeOfDay } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { announce } from '../ui/announcer.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';
import { useSummarizer } from './message-summary.js';
import { stretchAround } from './rows.js';

/** How many messages come at a time. */
const STEP = 200;

/** The newest messages, at least so many, without a hole; loaded as they are wanted. */
function useNewest(chatId: string, wanted: number) {
  const [timeline, snapshot] = useTimeline(chatId, 'end');
  const { messages, hasOlder, gapAbove } = stretchAround(snapshot, undefined);
  const isShort = messages.length < wanted && hasOlder;
  const { run } = useTask();
  const { isLoading, error } = snapshot;
  const oldest = messages[0]?.key;
  useEffect(() => {
    if (isShort && !isLoading && error === undefined) run(() => timeline.loadOlder(gapAbove));
    // What is loaded moves the oldest one, after which it is looked again.
  }, [isShort, isLoading, error, oldest]);
  return {
    messages: messages.slice(-wanted),
    isLoading,
    hasMore: hasOlder || messages.length > wanted,
  };
}

function Line({ message }: { readonly message: MessageItem }): ReactNode {
  const { locale } = useLingui().i18n;
  const summarize = useSummarizer();
  const { createdAt, kind, sender } = message;
  return (
    <li className="plaintext py-0.5">
      <span className="text-muted text-sm">
        <time dateTime={createdAt}>{timeOfDay(locale, createdAt)}</time>{' '}
      </span>
      {kind !== 'system' && (
        <>
          <bdi className="font-semibold">{sender.displayName}</bdi>:{' '}
        </>
      )}
      <bdi>{message.text ?? summarize(message)}</bdi>
    </li>
  );
}

function daysOf(messages: readonly MessageItem[]): Map<string, MessageItem[]> {
  const days = new Map<string, MessageItem[]>();
  for (const message of messages) {
    const day = dayKey(message.createdAt);
    const of = days.get(day);
    if (of) of.push(message);
    else days.set(day, [message]);
  }
  return days;
}

function Transcript({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const [wanted, setWanted] = useState(STEP);
  const { messages, isLoading, hasMore } = useNewest(chat.id, wanted);
  const days = daysOf(messages);
  const count = messages.length;
  useEffect(() => {
    if (!isLoading && count > 0) announce(say('transcript.count', { count }));
  }, [say, isLoading, count]);
  return (
    <div className="min-h-0 grow overflow-y-auto px-5 pb-6" aria-busy={isLoading}>
      {hasMore && (
        <Button
          look="quiet"
          className="mb-4 w-full"
          isBusy={isLoading}
          onClick={() => setWanted((before) => before + STEP)}
        >
          {say('transcript.more', { count: STEP })}
        </Button>
      )}
      {[...days].map(([day, of]) => (
        <Fragment key={day}>
          <h3 className="mt-4 mb-1 font-semibold">{dayName(locale, of[0]?.createdAt ?? '')}</h3>
          <ol>
            {of.map((message) => (
              <Line key={message.key} message={message} />
            ))}
          </ol>
        </Fragment>
      ))}
      {!hasMore && count === 0 && <p className="text-muted">{say('chats.noMessages')}</p>}
    </div>
  );
}

/**
 * The newest messages as plain text, all of them in the page: to be read through with a screen reader, and found by the
 * browser's own search. The history has only those in sight.
 */
export default function TranscriptPanel({ chatId }: { readonly chatId: string }): ReactNode {
  const say = useText();
  const [, chat] = useChat(chatId);
  return (
    <Panel title={say('transcript.title')} back={paths.chat(chatId)}>
      {chat && <Transcript chat={chat} />}
    </Panel>
  );
}
