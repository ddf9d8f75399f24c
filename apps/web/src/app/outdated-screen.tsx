import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';

/** The server speaks a newer protocol than this page. */
export function OutdatedScreen(): ReactNode {
  const say = useText();
  return (
    <main className="grid h-full place-items-center">
      <EmptyState
        title={say('outdated.title')}
        text={say('outdated.text')}
        action={<Button onClick={() => location.reload()}>{say('error.reload')}</Button>}
      />
    </main>
  );
}
