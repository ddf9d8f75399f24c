import { useCallback, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { errorText } from './error-text.js';
import { showToast } from './toasts.js';

/**
 * Runs what a button does: `isBusy` while it goes on. What fails is told in a toast, unless `onError` takes it.
 */
export function useTask(onError?: (error: unknown) => void): {
  readonly isBusy: boolean;
  readonly run: (task: () => Promise<unknown>) => void;
} {
  const say = useText();
  const [isBusy, setBusy] = useState(false);
  const run = useCallback(
    (task: () => Promise<unknown>): void => {
      setBusy(true);
      task()
        .catch((error: unknown) => {
          if (onError) onError(error);
          else showToast({ text: errorText(error, say) });
        })
        .finally(() => setBusy(false));
    },
    [onError, say],
  );
  return { isBusy, run };
}
