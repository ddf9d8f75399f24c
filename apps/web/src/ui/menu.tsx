import { useReadable } from '@natter/client/react';
import { lazy, type ReactNode, Suspense } from 'react';
import type { MenuAction, MenuRequest } from './opened-menu.js';
import { createStore } from './store.js';

export type { MenuAction };

interface OpenMenu extends MenuRequest {
  readonly key: number;
  /** Has the focus again afterwards. */
  readonly before: Element | null;
}

const open = createStore<OpenMenu | undefined>(undefined);
let opened = 0;

/** Opens a menu; there is one at a time. */
export function showMenu(request: MenuRequest): void {
  opened += 1;
  open.set({ ...request, key: opened, before: document.activeElement });
}

/** The menu's code comes with the first menu. */
const OpenedMenu = lazy(() => import('./opened-menu.js'));

export function MenuHost(): ReactNode {
  const menu = useReadable(open);
  if (!menu) return null;
  const { key, ...request } = menu;
  return (
    <Suspense>
      <OpenedMenu
        key={key}
        {...request}
        onClose={() => {
          if (open.getSnapshot() === menu) open.set(undefined);
        }}
      />
    </Suspense>
  );
}
