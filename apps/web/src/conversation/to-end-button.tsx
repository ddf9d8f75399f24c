import { ArrowDown } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';

interface ToEndButtonProps {
  readonly unreadCount: number;
  readonly onPress: () => void;
}

/** Leads to the newest message, and tells how many are unread until there. */
export function ToEndButton({ unreadCount, onPress }: ToEndButtonProps): ReactNode {
  const say = useText();
  return (
    <button
      type="button"
      aria-label={
        unreadCount > 0 ? say('history.toNew', { count: unreadCount }) : say('history.toEnd')
      }
      onClick={onPress}
      className="bg-raised shadow-raised text-muted hover:text-text animate-appear absolute end-4 bottom-4 grid size-11 place-items-center rounded-full"
    >
      <ArrowDown className="size-5" />
      {unreadCount > 0 && (
        <span className="bg-brand text-on-brand absolute -top-2 grid h-5 min-w-5 place-items-center rounded-full px-1.5 text-xs font-semibold">
          {unreadCount}
        </span>
      )}
    </button>
  );
}
