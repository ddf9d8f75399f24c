import { useMediaLink } from '@natter/client/react';
import { ImageOff, Play } from 'lucide-react';
import clsx from 'clsx';
import { type CSSProperties, type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import type { MediaItem } from './media-item.js';
import { mediaLabel } from './media-label.js';
import { placeholderUrl } from './placeholder.js';
import { playTime } from './play-time.js';
import { UploadMark } from './upload-mark.js';
import { useSteadySource } from './use-steady-source.js';

interface PictureTileProps {
  readonly media: MediaItem;
  readonly onOpen: () => void;
  /** How many more there are that have no tile of their own. */
  readonly more?: number;
  readonly className?: string;
  readonly style?: CSSProperties;
}

const cover = 'absolute inset-0 size-full object-cover transition-opacity duration-200';

/** What is on a tile once it has come: a small picture, or of a video without one its beginning. */
function Shown({ media }: { readonly media: MediaItem }): ReactNode {
  const say = useText();
  const { url, thumbnailUrl } = useMediaLink(media);
  // What moves in the message itself has to come whole.
  const isAnimated = media.mimeType === 'image/gif';
  const isImage = media.kind === 'image';
  const asVideo = !isImage && thumbnailUrl === undefined;
  const wanted = asVideo || isAnimated ? url : (thumbnailUrl ?? url);
  const { src, isFailed, onError } = useSteadySource(wanted);
  const [isLoaded, setLoaded] = useState(false);
  if (isFailed) {
    return (
      <span className="text-muted absolute inset-0 grid place-content-center justify-items-center gap-1 text-sm">
        <ImageOff className="size-6" />
        {say('media.notShown')}
      </span>
    );
  }
  if (src === undefined) return null;
  const look = clsx(cover, isLoaded ? 'opacity-100' : 'opacity-0');
  if (asVideo) {
    return (
      <video
        src={src}
        muted
        playsInline
        preload="metadata"
        tabIndex={-1}
        aria-hidden="true"
        className={look}
        onLoadedData={() => setLoaded(true)}
        onError={onError}
      />
    );
  }
  return (
    <img
      src={src}
      alt=""
      decoding="async"
      draggable={false}
      className={look}
      onLoad={() => setLoaded(true)}
      onError={onError}
    />
  );
}

/** A picture or a video in a message, in a box that is as large before it has come; a press shows it large. */
export function PictureTile({
  media,
  onOpen,
  more = 0,
  className,
  style,
}: PictureTileProps): ReactNode {
  const say = useText();
  const label = say('media.open', { label: mediaLabel(media, say) });
  if (media.upload) {
    return (
      <div
        data-media={media.kind}
        className={clsx('bg-field relative block overflow-hidden', className)}
        style={style}
      >
        <Shown media={media} />
        {more > 0 && (
          <span
            dir="ltr"
            className="absolute end-2 top-2 rounded-full bg-black/65 px-2 text-sm text-white"
          >
            +{more}
          </span>
        )}
        <UploadMark
          media={media}
          className="absolute! start-1/2 top-1/2 -translate-x-1/2 -translate-y-1/2 rtl:translate-x-1/2"
        />
      </div>
    );
  }
  const blurred = placeholderUrl(media.thumbhash);
  return (
    <button
      type="button"
      aria-label={more > 0 ? `${label} ${say('media.more', { count: more })}` : label}
      data-media={media.kind}
      onClick={onOpen}
      className={clsx('bg-field relative block overflow-hidden', className)}
      style={style}
    >
      {blurred !== undefined && <img src={blurred} alt="" className={cover} />}
      <Shown media={media} />
      {media.kind === 'video' && more === 0 && (
        <>
          <span className="absolute start-1/2 top-1/2 grid size-12 -translate-x-1/2 -translate-y-1/2 place-items-center rounded-full bg-black/60 text-white rtl:translate-x-1/2">
            <Play className="ms-0.5 size-5.5 fill-current" />
          </span>
          {media.durationMs !== undefined && (
            <span className="absolute start-2 top-2 rounded-full bg-black/60 px-2 text-xs leading-5 text-white">
              {playTime(media.durationMs)}
            </span>
          )}
        </>
      )}
      {more > 0 && (
        <span
          aria-hidden="true"
          dir="ltr"
          className="absolute inset-0 grid place-items-center bg-black/60 text-2xl font-semibold text-white"
        >
          +{more}
        </span>
      )}
    </button>
  );
}
