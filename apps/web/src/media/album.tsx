import clsx from 'clsx';
import type { ReactNode } from 'react';
import type { MediaItem } from './media-item.js';
import { pictureBox } from './picture-size.js';
import { PictureTile } from './picture-tile.js';

/** As many tiles as a message shows; the rest is behind the last one. */
const MOST_TILES = 4;
const ALBUM_WIDTH = 320;

/** How wide the pictures of a message are together, in pixels. */
export function albumWidth(visuals: readonly MediaItem[]): number {
  const [first] = visuals;
  return visuals.length === 1 && first ? pictureBox(first).width : ALBUM_WIDTH;
}

interface AlbumProps {
  readonly visuals: readonly MediaItem[];
  readonly onOpen: (media: MediaItem) => void;
}

/** The pictures and videos of a message: one in its own shape, several as a grid. */
export function Album({ visuals, onOpen }: AlbumProps): ReactNode {
  const [first] = visuals;
  if (!first) return null;
  if (visuals.length === 1) {
    const { width, ratio } = pictureBox(first);
    return (
      <PictureTile
        media={first}
        onOpen={() => onOpen(first)}
        className="mx-auto max-w-full rounded-[0.875rem]"
        style={{ width, aspectRatio: ratio }}
      />
    );
  }
  const tiles = visuals.slice(0, MOST_TILES);
  return (
    <div
      className="grid max-w-full grid-cols-2 gap-0.5 overflow-hidden rounded-[0.875rem]"
      style={{ width: ALBUM_WIDTH }}
    >
      {tiles.map((media, index) => (
        <PictureTile
          key={media.key}
          media={media}
          onOpen={() => onOpen(media)}
          more={index === MOST_TILES - 1 ? visuals.length - MOST_TILES : 0}
          className={clsx(
            tiles.length === 3 && index === 0 ? 'col-span-2 aspect-2/1' : 'aspect-square',
          )}
        />
      ))}
    </div>
  );
}
