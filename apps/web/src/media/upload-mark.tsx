import { useChatClient } from '@natter/client/react';
import { CircleAlert, X } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import type { MediaItem } from './media-item.js';
import { mediaLabel } from './media-label.js';

const RADIUS = 20;
const ROUND = 2 * Math.PI * RADIUS;
/** Something is seen of it from the beginning on. */
const LEAST = 0.03;

/** How far a file has come on its way from this device; a press takes it back. Why it failed, its message tells. */
export function UploadMark({
  media,
  className,
}: {
  readonly media: MediaItem;
  readonly className?: string;
}): ReactNode {
  const say = useText();
  const client = useChatClient();
  const { upload, size, key } = media;
  if (!upload) return null;
  const name = media.fileName || mediaLabel(media, say);
  const isFailed = upload.state === 'failed';
  const part = size > 0 ? upload.sentBytes / size : 0;
  return (
    <span
      data-upload={upload.state}
      className={clsx('relative grid size-11 shrink-0 place-items-center', className)}
    >
      <svg
        viewBox="0 0 44 44"
        role="progressbar"
        aria-label={say(isFailed ? 'upload.failed' : 'upload.progress', { name })}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(part * 100)}
        className={clsx(
          'absolute inset-0 size-full -rotate-90',
          upload.state === 'waiting' && 'animate-pulse-soft',
        )}
      >
        <circle cx="22" cy="22" r="22" className="fill-black/65" />
        <circle
          cx="22"
          cy="22"
          r={RADIUS}
          fill="none"
          strokeWidth="2.5"
          strokeLinecap="round"
          strokeDasharray={`${Math.max(part, LEAST) * ROUND} ${ROUND}`}
          className="stroke-white transition-[stroke-dasharray] duration-200"
        />
      </svg>
      <button
        type="button"
        aria-label={say('upload.cancel', { name })}
        title={say('upload.cancel', { name })}
        onClick={() => client.media.cancel(key)}
        className="absolute inset-1 grid place-items-center rounded-full text-white hover:bg-white/20"
      >
        {isFailed ? <CircleAlert className="size-5" /> : <X className="size-5" />}
      </button>
    </span>
  );
}
