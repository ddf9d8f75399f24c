import { CornerUpLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';

/** Leads back to where a jump came from. */
export function BackButton({ onPress }: { readonly onPress: () => void }): ReactNode {
  const say = useText();
  return (
    <button
      type="button"
      aria-label={say('history.back')}
      title={say('history.back')}
      onClick={onPress}
      className="bg-raised shadow-raised text-muted hover:text-text animate-appear absolute end-4 bottom-18 grid size-11 place-items-center rounded-full"
    >
      <CornerUpLeft className="size-5 rtl:-scale-x-100" />
    </button>
  );
}
