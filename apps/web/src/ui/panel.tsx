import { ArrowLeft } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useText } from '../i18n/use-text.js';

interface PanelProps {
  readonly title: string;
  /** Where its arrow leads; without it, it has none. */
  readonly back?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A column of the screen with a title. */
export function Panel({ title, back, actions, children, className }: PanelProps): ReactNode {
  const say = useText();
  return (
    <section aria-label={title} className={clsx('bg-panel flex h-full flex-col', className)}>
      <header className="flex h-16 shrink-0 items-center gap-2 px-3">
        {back !== undefined && (
          <Link
            href={back}
            aria-label={say('common.back')}
            className="hover:bg-hover text-muted grid size-10 place-items-center rounded-full"
          >
            <ArrowLeft className="size-5 rtl:-scale-x-100" />
          </Link>
        )}
        <h2 className={clsx('grow truncate text-xl font-semibold', back === undefined && 'ps-2')}>
          {title}
        </h2>
        {actions}
      </header>
      {children}
    </section>
  );
}

/** A group of rows or fields with a name, in a column. */
export function Section({
  title,
  children,
}: {
  readonly title?: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="border-line border-b px-5 py-4 last:border-b-0">
      {title !== undefined && <h3 className="text-muted mb-3 text-sm font-semibold">{title}</h3>}
      {children}
    </div>
  );
}
