import type { MessageItem } from '@natter/client';
import clsx from 'clsx';
import { type ReactNode, useMemo } from 'react';
import { Album } from './album.js';
import { AudioRow } from './audio-row.js';
import { FileRow } from './file-row.js';
import { isAudible, type MediaItem, partsOf } from './media-item.js';

interface MessageMediaProps {
  readonly message: MessageItem;
  readonly media: readonly MediaItem[];
  readonly onOpen: (media: MediaItem) => void;
  /** In the corner of the pictures, where nothing comes below them. */
  readonly foot: ReactNode;
}

/** The files of a message: pictures above, what is heard and what is to be had below them. */
export function MessageMedia({ message, media, onOpen, foot }: MessageMediaProps): ReactNode {
  const { visuals, others } = useMemo(() => partsOf(media), [media]);
  return (
    <>
      {visuals.length > 0 && (
        <div className={clsx('relative -mx-2', foot === undefined ? 'mb-1' : '-mb-0.5')}>
          <Album visuals={visuals} onOpen={onOpen} />
          {foot !== undefined && (
            // On a dark ground, so in the colours of the dark theme.
            <span
              data-theme="dark"
              className="pointer-events-none absolute end-1.5 bottom-1.5 rounded-full bg-black/60 py-px ps-1 pe-1.5 *:text-white"
            >
              {foot}
            </span>
          )}
        </div>
      )}
      {others.map((item) =>
        isAudible(item) ? (
          <AudioRow key={item.key} media={item} isOwn={message.isOwn} />
        ) : (
          <FileRow key={item.key} media={item} isOwn={message.isOwn} />
        ),
      )}
    </>
  );
}
