import { useChatClient, useChats } from '@natter/client/react';
import type { ReactNode } from 'react';
import { ChatRow } from '../chat-list/chat-row.js';
import { useText } from '../i18n/use-text.js';
import { RowSkeletons } from '../ui/row-skeletons.js';
import { useAnswer } from '../ui/use-answer.js';
import { useSettled } from '../ui/use-settled.js';
import { HitRow } from './hit-row.js';
import { NothingFound } from './nothing-found.js';

const MOST_CHATS = 8;

function Heading({ children }: { readonly children: ReactNode }): ReactNode {
  return <h3 className="text-muted px-5 pt-3 pb-1 text-sm font-semibold">{children}</h3>;
}

/** What fits a query: chats by name, at once, and messages of all chats, from the server. */
export default function SearchResults({
  query,
  onOpen,
}: {
  readonly query: string;
  readonly onOpen: () => void;
}): ReactNode {
  const say = useText();
  const client = useChatClient();
  const settled = useSettled(query);
  const { value, error } = useAnswer(() => client.search.messages(settled), [settled]);
  const wanted = query.toLocaleLowerCase();
  const chats = useChats()
    .filter(({ name, peer }) =>
      [name, peer?.username ?? ''].some((text) => text.toLocaleLowerCase().includes(wanted)),
    )
    .slice(0, MOST_CHATS);
  const hits = value?.items ?? [];
  const isDone = value !== undefined && settled === query;
  if (isDone && hits.length === 0 && chats.length === 0) return <NothingFound query={query} />;
  return (
    <div className="min-h-0 grow overflow-y-auto pb-3">
      {chats.length > 0 && (
        <div role="list" aria-label={say('chats.title')}>
          <Heading>{say('chats.title')}</Heading>
          {chats.map((chat, index) => (
            <ChatRow key={chat.id} chat={chat} index={index} count={chats.length} isOpen={false} />
          ))}
        </div>
      )}
      <Heading>{say('search.messages')}</Heading>
      {value === undefined && error === undefined && <RowSkeletons />}
      {value === undefined && error !== undefined && (
        <p className="text-muted px-5 py-2">{say('error.unavailable')}</p>
      )}
      {isDone && hits.length === 0 && (
        <p className="text-muted px-5 py-2">{say('search.noMessages')}</p>
      )}
      <ul>
        {hits.map((hit) => (
          <HitRow key={hit.message.id} hit={hit} onOpen={onOpen} />
        ))}
      </ul>
    </div>
  );
}
