import type { ReactNode } from 'react';

interface ChoiceRowProps {
  readonly picture: ReactNode;
  readonly name: string;
  readonly note?: string | undefined;
  readonly isChosen: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isChosen: boolean) => void;
}

/** A row with a box to tick. */
export function ChoiceRow({
  picture,
  name,
  note,
  isChosen,
  isDisabled = false,
  onChange,
}: ChoiceRowProps): ReactNode {
  return (
    <li>
      <label className="hover:bg-hover flex min-h-14 items-center gap-3 rounded-xl px-3 has-focus-visible:outline-2">
        {picture}
        <span className="min-w-0 grow">
          <span className="block truncate">
            <bdi>{name}</bdi>
          </span>
          {note !== undefined && <span className="text-muted block truncate text-sm">{note}</span>}
        </span>
        <input
          type="checkbox"
          checked={isChosen}
          disabled={isDisabled}
          onChange={(event) => onChange(event.target.checked)}
          className="accent-brand size-5 shrink-0"
        />
      </label>
    </li>
  );
}
