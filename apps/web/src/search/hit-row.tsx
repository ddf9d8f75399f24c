import type { SearchHit } from '@natter/client';
import { useLingui } from '@lingui/react';
import { useChat, useMe } from '@natter/client/react';
import { type ReactNode, Fragment } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths.js';
import { useChatName } from '../chat-list/chat-name.js';
import { shortTime } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';

function Snippet({ text, ranges }: SearchHit['snippet']): ReactNode {
  let end = 0;
  return (
    <>
      {ranges.map(([from, to]) => {
        const before = text.slice(end, from);
        end = to;
        return (
          <Fragment key={from}>
            {before}
            <mark className="bg-brand-soft text-brand-text rounded-sm font-semibold">
              {text.slice(from, to)}
            </mark>
          </Fragment>
        );
      })}
      {text.slice(end)}
    </>
  );
}

interface HitRowProps {
  readonly hit: SearchHit;
  readonly onOpen?: () => void;
  /** Among messages of one chat, its name says nothing. */
  readonly isInChat?: boolean;
}

/** A message that was found, with what was found in it; it leads to where it stands. */
export function HitRow({ hit, onOpen, isInChat = false }: HitRowProps): ReactNode {
  const say = useText();
  const me = useMe();
  const { locale } = useLingui().i18n;
  const [, chat] = useChat(hit.chatId);
  const chatName = useChatName(chat);
  const { sender, createdAt, id } = hit.message;
  const author = sender.id === me?.id ? say('people.you') : sender.displayName;
  const title = isInChat ? author : chatName;
  return (
    <li className="px-2">
      <Link
        href={paths.message(hit.chatId, id)}
        onClick={onOpen}
        className="hover:bg-hover block rounded-xl px-3 py-2.5"
      >
        <span className="flex items-baseline gap-2">
          <span className="grow truncate font-medium">
            <bdi>{title}</bdi>
          </span>
          <time dateTime={createdAt} className="text-muted shrink-0 text-xs">
            {shortTime(locale, createdAt)}
          </time>
        </span>
        <span className="text-muted line-clamp-2 text-sm">
          {!isInChat && <bdi>{author}: </bdi>}
          <bdi>
            <Snippet {...hit.snippet} />
          </bdi>
        </span>
      </Link>
    </li>
  );
}
