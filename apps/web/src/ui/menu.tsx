import { useReadable } from '@natter/client/react';
import type { LucideIcon } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { createStore } from './store.js';

export interface MenuAction {
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly isDangerous?: boolean;
  /** Of a choice among several: whether it is the one. */
  readonly isChosen?: boolean;
  readonly run: () => void;
}

export interface MenuRequest {
  /** What it belongs to, or where on the screen it was asked for. */
  readonly anchor: Element | { readonly x: number; readonly y: number };
  readonly label: string;
  /** In groups, with a line between them. */
  readonly groups: readonly (readonly MenuAction[])[];
  /** Above the actions: items of the menu as well. */
  readonly header?: ReactNode;
}

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
