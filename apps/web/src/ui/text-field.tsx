import clsx from 'clsx';
import { type InputHTMLAttributes, type ReactNode, useId } from 'react';

interface TextFieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

/** A field with its name, a hint, and what is wrong with it. */
export function TextField({ label, hint, error, className, ...rest }: TextFieldProps): ReactNode {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={clsx('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        id={id}
        dir="auto"
        aria-invalid={error !== undefined}
        aria-describedby={note === undefined ? undefined : `${id}-note`}
        className={clsx(
          'bg-field rounded-control placeholder:text-muted min-h-11 w-full border px-3 py-2',
          error === undefined ? 'border-transparent' : 'border-danger',
        )}
        {...rest}
      />
      {note !== undefined && (
        <p
          id={`${id}-note`}
          className={clsx('text-sm', error === undefined ? 'text-muted' : 'text-danger')}
        >
          {note}
        </p>
      )}
    </div>
  );
}
