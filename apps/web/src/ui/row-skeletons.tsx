import type { ReactNode } from 'react';

const rows = [72, 56, 64, 48];

/** In the place of rows that are being loaded. */
export function RowSkeletons(): ReactNode {
  return (
    <div aria-busy="true" className="animate-pulse-soft flex flex-col px-6">
      {rows.map((width) => (
        <div key={width} className="flex h-16 items-center gap-3">
          <span className="bg-field size-10 rounded-full" />
          <span className="flex grow flex-col gap-2">
            <span className="bg-field h-3 rounded-full" style={{ width: `${width}%` }} />
            <span className="bg-field h-2.5 w-2/5 rounded-full" />
          </span>
        </div>
      ))}
    </div>
  );
}
