import { Bookmark, Users } from 'lucide-react';
import clsx from 'clsx';
import { type ReactNode, useCallback, useState } from 'react';
import { choiceFor } from './choice-for.js';
import { useWhenLive } from './use-when-live.js';

const colours = [
  'bg-[#dcd6fb] text-[#3d2f94]',
  'bg-[#cfe7f5] text-[#0d4d70]',
  'bg-[#d3ecdd] text-[#155236]',
  'bg-[#f6e3c5] text-[#6b4409]',
  'bg-[#f8d9dc] text-[#84202f]',
  'bg-[#f2d9ef] text-[#712467]',
  'bg-[#e3e8cc] text-[#47520d]',
  'bg-[#d5e1f6] text-[#24407f]',
];

const sizes = {
  small: 'size-8 text-xs',
  medium: 'size-10 text-sm',
  large: 'size-12 text-base',
  huge: 'size-24 text-2xl',
} as const;

/** The first letters of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => Array.from(word ?? '')[0]?.toLocaleUpperCase() ?? '').join('');
}

/** Where it cannot be had, what is below it stays to be seen. */
function Picture({ url }: { readonly url: string }): ReactNode {
  const [failed, setFailed] = useState<string>();
  useWhenLive(useCallback(() => setFailed(undefined), []));
  if (failed === url) return null;
  return (
    <img
      src={url}
      alt=""
      draggable={false}
      className="absolute inset-0 size-full rounded-full object-cover"
      onError={() => setFailed(url)}
    />
  );
}

interface AvatarProps {
  /** Of whom or what it is: the colour comes from it. */
  readonly id: string;
  readonly name: string;
  readonly kind?: 'person' | 'group' | 'notes';
  readonly size?: keyof typeof sizes;
  readonly isOnline?: boolean;
  /** Address of a picture; without one, or where it cannot be had, it is made of the name. */
  readonly url?: string | undefined;
}

/** Stands beside the name, so it says nothing to a screen reader. */
export function Avatar({
  id,
  name,
  kind = 'person',
  size = 'large',
  isOnline = false,
  url,
}: AvatarProps): ReactNode {
  return (
    <span
      aria-hidden="true"
      className={clsx(
        'relative grid shrink-0 place-items-center rounded-full font-semibold select-none',
        kind === 'notes' ? 'bg-brand text-on-brand' : choiceFor(id, colours),
        sizes[size],
      )}
    >
      {kind === 'person' && initialsOf(name)}
      {kind === 'group' && <Users className="size-[45%]" />}
      {kind === 'notes' && <Bookmark className="size-[45%]" />}
      {url !== undefined && <Picture url={url} />}
      {isOnline && (
        <span className="bg-online border-panel absolute -end-px bottom-0 size-3 rounded-full border-2" />
      )}
    </span>
  );
}
