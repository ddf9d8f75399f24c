import type { ReactNode } from 'react';

interface EmptyStateProps {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly text?: string;
  readonly action?: ReactNode;
}

/** Where there is nothing (yet), or nothing can be shown: what that means and what to do. */
export function EmptyState({ icon, title, text, action }: EmptyStateProps): ReactNode {
  return (
    <div className="animate-appear mx-auto flex max-w-80 flex-col items-center gap-2 px-6 py-10 text-center">
      {icon !== undefined && (
        <div className="bg-brand-soft text-brand-text mb-2 grid size-16 place-items-center rounded-full">
          {icon}
        </div>
      )}
      <p className="text-lg font-semibold text-balance">{title}</p>
      {text !== undefined && <p className="text-muted text-pretty">{text}</p>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}
