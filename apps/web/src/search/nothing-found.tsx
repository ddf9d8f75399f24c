import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { EmptyState } from '../ui/empty-state.js';

/** In the place of what fits a query, where nothing does. */
export function NothingFound({ query }: { readonly query: string }): ReactNode {
  const say = useText();
  return (
    <EmptyState
      icon={<SearchX className="size-7" />}
      title={say('search.none')}
      text={say('search.noneText', { query })}
    />
  );
}
