import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';

export type ShownFilter = 'all' | 'unread' | 'direct' | 'group';

const filters = [
  ['all', 'filter.all'],
  ['unread', 'filter.unread'],
  ['direct', 'filter.direct'],
  ['group', 'filter.group'],
] as const;

export function ChatFilters({
  chosen,
  onChoose,
}: {
  readonly chosen: ShownFilter;
  readonly onChoose: (filter: ShownFilter) => void;
}): ReactNode {
  const say = useText();
  return (
    <div role="group" aria-label={say('filter.label')} className="flex gap-1.5 px-4 pb-2">
      {filters.map(([filter, text]) => (
        <button
          key={filter}
          type="button"
          aria-pressed={filter === chosen}
          onClick={() => onChoose(filter)}
          className={clsx(
            'min-h-8 rounded-full px-3 text-sm font-medium transition-colors',
            filter === chosen
              ? 'bg-brand-soft text-brand-text'
              : 'text-muted bg-field hover:bg-selected',
          )}
        >
          {say(text)}
        </button>
      ))}
    </div>
  );
}
