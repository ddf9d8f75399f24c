import { useConnection } from '@natter/client/react';
import { type ReactNode, useEffect, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { Logo } from '../ui/logo.js';

const PATIENCE_MS = 400;

/** What is seen for the moment in which it is not known who is logged in. */
export function Splash(): ReactNode {
  const say = useText();
  const { status } = useConnection();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="grid h-full place-items-center" aria-busy="true">
      {isSlow && (
        <div className="animate-appear flex flex-col items-center gap-4">
          <Logo className="animate-pulse-soft size-16" />
          <p className="text-muted" role="status">
            {say(status === 'offline' ? 'connection.unreachable' : 'connection.connecting')}
          </p>
        </div>
      )}
    </main>
  );
}
