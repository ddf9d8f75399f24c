import type { ReactNode } from 'react';
import { Spinner } from '../ui/spinner.js';

/** In the place of a panel whose code is on its way. */
export function PanelLoading(): ReactNode {
  return (
    <div className="bg-panel text-muted grid h-full place-items-center" aria-busy="true">
      <Spinner />
    </div>
  );
}
