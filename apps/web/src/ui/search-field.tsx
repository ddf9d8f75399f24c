import { Search, X } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { useText } from '../i18n/use-text.js';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onKeyDown?: (event: React.KeyboardEvent<HTMLInputElement>) => void;
  readonly ref?: Ref<HTMLInputElement>;
  readonly autoFocus?: boolean;
  readonly id?: string;
}

export function SearchField({ label, value, onChange, ref, ...rest }: SearchFieldProps): ReactNode {
  const say = useText();
  return (
    <div className="relative">
      <Search className="text-muted pointer-events-none absolute start-3 top-1/2 size-4.5 -translate-y-1/2" />
      <input
        ref={ref}
        type="search"
        dir={value === '' ? undefined : 'auto'}
        enterKeyHint="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="bg-field placeholder:text-muted h-10 w-full rounded-full ps-10 pe-9 [&::-webkit-search-cancel-button]:hidden"
        {...rest}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={say('search.clear')}
          onClick={() => onChange('')}
          className="text-muted hover:text-text absolute end-1 top-1/2 grid size-8 -translate-y-1/2 place-items-center rounded-full"
        >
          <X className="size-4" />
        </button>
      )}
    </div>
  );
}
