import type { ChatHandle, MessageItem } from '@natter/client';
import { useCallback, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { showToast } from '../ui/toasts.js';

interface Removals {
  /** The keys of messages that are not shown any more, while it can still be undone. */
  readonly removed: ReadonlySet<string>;
  readonly remove: (message: MessageItem, scope: 'everyone' | 'me') => void;
}

/** Deletion with some seconds to think better of it. */
export function useRemovals(handle: ChatHandle): Removals {
  const say = useText();
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const remove = useCallback(
    (message: MessageItem, scope: 'everyone' | 'me'): void => {
      const restore = (): void =>
        setRemoved((keys) => new Set([...keys].filter((key) => key !== message.key)));
      setRemoved((keys) => new Set(keys).add(message.key));
      showToast({
        text: say(scope === 'me' ? 'message.deletedForMe' : 'message.deletedForEveryone'),
        action: { label: say('common.undo'), run: restore },
        onEnd: () => {
          if (scope === 'me') void handle.deleteForMe(message);
          else void handle.deleteForEveryone(message);
          restore();
        },
      });
    },
    [handle, say],
  );
  return { removed, remove };
}
