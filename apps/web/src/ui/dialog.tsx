import { useReadable } from '@natter/client/react';
import { lazy, type ReactNode, Suspense } from 'react';
import type { DialogRequest } from './opened-dialog.js';
import { createStore } from './store.js';

interface OpenDialog extends DialogRequest {
  readonly key: number;
}

const open = createStore<OpenDialog | undefined>(undefined);
let opened = 0;

/** Opens a dialog; there is one at a time. */
export function showDialog(request: DialogRequest): void {
  opened += 1;
  open.set({ ...request, key: opened });
}

/** The dialogs' code comes with the first one. */
const OpenedDialog = lazy(() => import('./opened-dialog.js'));

export function DialogHost(): ReactNode {
  const dialog = useReadable(open);
  if (!dialog) return null;
  const { key, ...request } = dialog;
  return (
    <Suspense>
      <OpenedDialog
        key={key}
        {...request}
        onClose={() => {
          dialog.onClose?.();
          if (open.getSnapshot() === dialog) open.set(undefined);
        }}
      />
    </Suspense>
  );
}
