import { useMediaLink } from '@natter/client/react';
import { Dialog } from '@base-ui/react/dialog';
import { useLingui } from '@lingui/react';
import { ChevronLeft, ChevronRight, Download, ImageOff, X } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { fullTime } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Spinner } from '../ui/spinner.js';
import { audioPlayer } from './audio-player.js';
import type { LightboxItem } from './lightbox.js';
import type { MediaItem } from './media-item.js';
import { mediaLabel } from './media-label.js';
import { placeholderUrl } from './placeholder.js';
import { useSteadySource } from './use-steady-source.js';

const round =
  'grid size-11 shrink-0 place-items-center rounded-full text-white hover:bg-white/15 focus-visible:outline-white';

function Picture({ media, url }: { readonly media: MediaItem; readonly url?: string }): ReactNode {
  const say = useText();
  const { src, isFailed, onError } = useSteadySource(url);
  const [isLoaded, setLoaded] = useState(false);
  if (isFailed) return <NotShown />;
  return (
    <>
      {!isLoaded && <Spinner className="absolute size-8" />}
      {src !== undefined && (
        <img
          src={src}
          alt={media.fileName || mediaLabel(media, say)}
          draggable={false}
          className="max-h-full max-w-full object-contain"
          onLoad={() => setLoaded(true)}
          onError={onError}
        />
      )}
    </>
  );
}

/** Plays from its link, of which a browser fetches what it needs; with a newer link it goes on where it was. */
function Video({ media, url }: { readonly media: MediaItem; readonly url?: string }): ReactNode {
  const say = useText();
  const { src, isFailed, onError } = useSteadySource(url);
  const goOnAt = useRef(0);
  if (isFailed) return <NotShown />;
  return (
    <video
      src={src}
      controls
      autoPlay
      playsInline
      poster={placeholderUrl(media.thumbhash)}
      aria-label={mediaLabel(media, say)}
      className="max-h-full max-w-full"
      onPlay={() => audioPlayer.stop()}
      onLoadedMetadata={(event) => {
        if (goOnAt.current > 0) event.currentTarget.currentTime = goOnAt.current;
        goOnAt.current = 0;
      }}
      onError={(event) => {
        // With another address it begins anew, and tells so before it has loaded anything.
        goOnAt.current = event.currentTarget.currentTime;
        onError();
      }}
    />
  );
}

function NotShown(): ReactNode {
  const say = useText();
  return (
    <p className="grid justify-items-center gap-2">
      <ImageOff className="size-8" /> {say('media.notShown')}
    </p>
  );
}

interface OpenedLightboxProps {
  readonly items: readonly LightboxItem[];
  readonly first: number;
  readonly onClose: () => void;
}

export default function OpenedLightbox({ items, first, onClose }: OpenedLightboxProps): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const [index, setIndex] = useState(first);
  const shown = items[index];
  const { url } = useMediaLink(shown?.media);
  if (!shown) return null;
  const { message, media } = shown;
  const last = items.length - 1;
  const go = (step: number): void => setIndex(Math.min(Math.max(index + step, 0), last));

  function onKeyDown(event: KeyboardEvent): void {
    // A player has arrow keys of its own.
    if (event.target instanceof HTMLVideoElement) return;
    const forward = document.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') go(event.key === forward ? 1 : -1);
    else if (event.key === 'Home') setIndex(0);
    else if (event.key === 'End') setIndex(last);
    else return;
    event.preventDefault();
  }

  const name = media.fileName || mediaLabel(media, say);
  return (
    <Dialog.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[#0b0a10]" />
        <Dialog.Popup
          data-lightbox=""
          onKeyDown={onKeyDown}
          className="animate-appear fixed inset-0 z-40 flex flex-col bg-[#0b0a10] text-white outline-none"
        >
          <header className="flex items-center gap-1 p-2 ps-4 pt-[max(0.5rem,env(safe-area-inset-top))]">
            <div className="min-w-0 grow">
              <Dialog.Title className="truncate font-semibold">
                <bdi>{message.isOwn ? say('people.you') : message.sender.displayName}</bdi>
              </Dialog.Title>
              <p className="truncate text-sm text-white/80">
                {fullTime(locale, message.createdAt)}
                {last > 0 && ` · ${say('media.oneOf', { number: index + 1, count: items.length })}`}
              </p>
            </div>
            <a
              href={url}
              download={name}
              aria-label={say('media.download')}
              title={say('media.download')}
              className={round}
            >
              <Download className="size-5" />
            </a>
            <Dialog.Close aria-label={say('common.close')} className={round}>
              <X className="size-5.5" />
            </Dialog.Close>
          </header>
          <div className="relative flex min-h-0 grow items-center justify-center px-2 md:px-16">
            {media.kind === 'video' ? (
              <Video key={media.key} media={media} {...(url !== undefined && { url })} />
            ) : (
              <Picture key={media.key} media={media} {...(url !== undefined && { url })} />
            )}
            {index > 0 && (
              <button
                type="button"
                aria-label={say('media.previous')}
                onClick={() => go(-1)}
                className={`${round} absolute start-2 bg-black/60`}
              >
                <ChevronLeft className="size-6 rtl:-scale-x-100" />
              </button>
            )}
            {index < last && (
              <button
                type="button"
                aria-label={say('media.next')}
                onClick={() => go(1)}
                className={`${round} absolute end-2 bg-black/60`}
              >
                <ChevronRight className="size-6 rtl:-scale-x-100" />
              </button>
            )}
          </div>
          <p className="plaintext max-h-[20dvh] min-h-12 overflow-y-auto px-4 py-3 text-center! pb-[max(0.75rem,env(safe-area-inset-bottom))]">
            {message.text}
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
