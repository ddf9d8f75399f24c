import { useChatClient } from '@natter/client/react';
import { Search } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { EmptyState } from '../ui/empty-state.js';
import { Panel } from '../ui/panel.js';
import { RowSkeletons } from '../ui/row-skeletons.js';
import { SearchField } from '../ui/search-field.js';
import { useAnswer } from '../ui/use-answer.js';
import { useSettled } from '../ui/use-settled.js';
import { HitRow } from './hit-row.js';
import { NothingFound } from './nothing-found.js';

function Hits({ chatId, query }: { readonly chatId: string; readonly query: string }): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { value, error } = useAnswer(
    () => client.search.messages(query, { chatId }),
    [query, chatId],
  );
  if (!value) {
    return error === undefined ? <RowSkeletons /> : <EmptyState title={say('error.notLoaded')} />;
  }
  if (value.items.length === 0) return <NothingFound query={query} />;
  return (
    <ul className="min-h-0 grow overflow-y-auto pb-3">
      {value.items.map((hit) => (
        <HitRow key={hit.message.id} hit={hit} isInChat />
      ))}
    </ul>
  );
}

/** Messages of one chat. */
export default function ChatSearchPanel({ chatId }: { readonly chatId: string }): ReactNode {
  const say = useText();
  const [query, setQuery] = useState('');
  const settled = useSettled(query.trim());
  return (
    <Panel title={say('chat.search')} back={paths.chat(chatId)}>
      <div className="px-4 pb-2">
        <SearchField label={say('search.messages')} value={query} onChange={setQuery} autoFocus />
      </div>
      {settled === '' ? (
        <EmptyState icon={<Search className="size-7" />} title={say('search.hint')} />
      ) : (
        <Hits chatId={chatId} query={settled} />
      )}
    </Panel>
  );
}
