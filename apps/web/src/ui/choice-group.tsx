import { type ReactNode, useId } from 'react';

interface ChoiceGroupProps<T extends string> {
  readonly label: string;
  readonly choices: readonly (readonly [T, string])[];
  readonly chosen: T;
  readonly isDisabled?: boolean;
  readonly onChange: (choice: T) => void;
}

/** One of a few, all of which are seen. */
export function ChoiceGroup<T extends string>({
  label,
  choices,
  chosen,
  isDisabled,
  onChange,
}: ChoiceGroupProps<T>): ReactNode {
  const name = useId();
  return (
    <fieldset disabled={isDisabled} className="disabled:opacity-60">
      <legend className="mb-2">{label}</legend>
      <div className="bg-field rounded-control flex gap-1 p-1">
        {choices.map(([choice, text]) => (
          <label
            key={choice}
            className="has-checked:bg-raised dark:has-checked:bg-selected has-checked:shadow-bubble has-checked:text-brand-text text-muted flex min-h-9 grow basis-0 items-center justify-center rounded-lg px-2 text-center text-sm font-medium has-focus-visible:outline-2"
          >
            <input
              type="radio"
              name={name}
              checked={choice === chosen}
              onChange={() => onChange(choice)}
              className="sr-only"
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
