import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';

export function HistoryError({ onRetry }: { readonly onRetry: () => void }): ReactNode {
  const say = useText();
  return (
    <div className="absolute inset-0 grid place-items-center">
      <EmptyState
        title={say('history.errorTitle')}
        text={say('history.errorText')}
        action={<Button onClick={onRetry}>{say('connection.retry')}</Button>}
      />
    </div>
  );
}
