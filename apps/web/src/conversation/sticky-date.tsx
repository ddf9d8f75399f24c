import { useLingui } from '@lingui/react';
import type { ReactNode } from 'react';
import { dayName } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';

interface StickyDateProps {
  /** Of the topmost message in sight. */
  readonly at: string;
  readonly onPress: () => void;
}

/** The day of what is in sight, above it; a press leads to another one. */
export function StickyDate({ at, onPress }: StickyDateProps): ReactNode {
  const say = useText();
  const { i18n } = useLingui();
  const day = dayName(i18n.locale, at);
  return (
    <button
      type="button"
      data-sticky-date=""
      aria-label={say('history.goToDateFrom', { day })}
      onClick={onPress}
      className="bg-raised text-muted hover:text-text shadow-bubble min-h-7 max-w-full rounded-full px-3.5 py-1 text-sm"
    >
      {day}
    </button>
  );
}
