import { useChatClient, useConnection } from '@natter/client/react';
import { CloudOff } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { useWaitingSends } from './use-waiting-sends.js';

/** A reconnection that takes no longer is not worth a word. */
const PATIENCE_MS = 1200;

/** Says that the server is away, and how much waits for it. Writing goes on. */
export function ConnectionBanner(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { status } = useConnection();
  const waiting = useWaitingSends();
  const isAway = status === 'offline' || status === 'connecting';
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(isAway), isAway ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isAway]);
  return (
    <div role="status">
      {isShown && (
        <div className="bg-notice text-on-notice animate-appear flex min-h-10 flex-wrap items-center justify-center gap-x-3 px-4 py-1.5 text-sm">
          <CloudOff className="size-4" />
          <span>
            {waiting > 0
              ? say('connection.offlineWaiting', { count: waiting })
              : say('connection.offline')}
          </span>
          <button
            type="button"
            className="min-h-7 rounded-lg px-2 font-semibold underline underline-offset-3"
            onClick={() => client.connect()}
          >
            {say('connection.retry')}
          </button>
        </div>
      )}
    </div>
  );
}
