import type { ReactNode } from 'react';

export function Logo({ className }: { readonly className?: string }): ReactNode {
  return (
    <svg viewBox="0 0 64 64" className={className} aria-hidden="true">
      <rect width="64" height="64" rx="18" className="fill-brand" />
      <path
        d="M14 30c0-9.400 8-16 18-16s18 6.600 18 16-8 16-18 16c-2.300 0-4.500-.3-6.500-1L15 49l3-8.200c-2.500-2.900-4-6.600-4-10.800z"
        className="fill-on-brand"
      />
      <path
        d="M23 31c1.800-3 4.200-3 6 0s4.200 3 6 0 4.200-3 6 0"
        fill="none"
        className="stroke-brand"
        strokeWidth="3.400"
        strokeLinecap="round"
      />
    </svg>
  );
}
