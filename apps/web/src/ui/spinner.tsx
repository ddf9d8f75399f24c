import clsx from 'clsx';
import type { ReactNode } from 'react';

/** Says nothing by itself: what is awaited is told beside it. */
export function Spinner({ className }: { readonly className?: string }): ReactNode {
  return (
    <span
      aria-hidden="true"
      className={clsx(
        'inline-block animate-spin rounded-full border-2 border-current border-t-transparent',
        className ?? 'size-5',
      )}
    />
  );
}
