import clsx from 'clsx';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Spinner } from './spinner.js';

type NativeButton = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type'>;

const looks = {
  primary: 'bg-brand text-on-brand hover:bg-brand-strong',
  quiet: 'bg-field text-text hover:bg-selected',
  plain: 'text-brand-text hover:bg-brand-soft',
  danger: 'bg-danger-soft text-danger hover:brightness-95',
} as const;

interface ButtonProps extends NativeButton {
  readonly look?: keyof typeof looks;
  readonly type?: 'button' | 'submit';
  /** Something is being done for it: it cannot be pressed again. */
  readonly isBusy?: boolean;
}

export function Button({
  look = 'primary',
  type = 'button',
  isBusy = false,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <button
      type={type}
      disabled={disabled === true || isBusy}
      className={clsx(
        'rounded-control inline-flex min-h-10 items-center justify-center gap-2 px-4 py-2 font-medium transition-colors disabled:opacity-55',
        looks[look],
        className,
      )}
      {...rest}
    >
      {isBusy && <Spinner className="size-4" />}
      {children}
    </button>
  );
}

interface IconButtonProps extends NativeButton {
  /** What it does: it has no text of its own. */
  readonly label: string;
  readonly ref?: React.Ref<HTMLButtonElement>;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={clsx(
        'hover:bg-hover text-muted hover:text-text grid size-10 shrink-0 place-items-center rounded-full transition-colors disabled:opacity-45',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
