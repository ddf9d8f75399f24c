import { type ReactNode, useId } from 'react';

interface SwitchRowProps {
  readonly label: string;
  readonly note?: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** Something that is on or off. */
export function SwitchRow({ label, note, isOn, isDisabled, onChange }: SwitchRowProps): ReactNode {
  const id = useId();
  return (
    <label className="flex min-h-12 items-center gap-4">
      <span className="grow">
        <span className="block">{label}</span>
        {note !== undefined && (
          <span id={id} className="text-muted block text-sm">
            {note}
          </span>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        disabled={isDisabled}
        aria-describedby={note === undefined ? undefined : id}
        onChange={(event) => onChange(event.target.checked)}
        className="bg-muted/55 checked:bg-brand before:bg-panel relative h-6 w-10 shrink-0 appearance-none rounded-full transition-colors before:absolute before:start-1 before:top-1 before:size-4 before:rounded-full before:transition-transform checked:before:translate-x-4 rtl:checked:before:-translate-x-4 disabled:opacity-50"
      />
    </label>
  );
}
