import { useMediaLink } from '@natter/client/react';
import { useLingui } from '@lingui/react';
import { Download, File as FileIcon, FileArchive, FileText } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { fileSize } from './file-size.js';
import { UploadMark } from './upload-mark.js';
import type { MediaItem } from './media-item.js';

function iconOf({ mimeType }: MediaItem): typeof FileIcon {
  if (/zip|tar|compressed|7z|rar/.test(mimeType)) return FileArchive;
  return /pdf|text|document|word/.test(mimeType) ? FileText : FileIcon;
}

/** A file in a message: what it is called, how large it is, and how to get it. */
export function FileRow({
  media,
  isOwn,
}: {
  readonly media: MediaItem;
  readonly isOwn: boolean;
}): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const { url } = useMediaLink(media);
  const Icon = iconOf(media);
  const name = media.fileName || say('media.file');
  const extension = /\.(\w{1,5})$/.exec(media.fileName)?.[1]?.toLocaleUpperCase();
  const size = fileSize(locale, media.size);
  const look = clsx(
    'my-0.5 flex w-72 max-w-full items-center gap-3 rounded-xl p-2.5',
    isOwn ? 'bg-panel/55' : 'bg-field',
  );
  const description = (
    <span className="min-w-0 grow">
      <bdi className="block truncate font-medium">{name}</bdi>
      <span className="text-muted block truncate text-sm">
        {extension !== undefined && (
          <>
            <bdi>{extension}</bdi> ·{' '}
          </>
        )}
        <bdi>{size}</bdi>
      </span>
    </span>
  );
  if (media.upload) {
    return (
      <div data-media="file" className={look}>
        <UploadMark media={media} />
        {description}
      </div>
    );
  }
  return (
    <a
      href={url}
      download={name}
      aria-disabled={url === undefined}
      aria-label={say('media.downloadFile', { name, size })}
      data-media="file"
      className={clsx(look, 'hover:brightness-97')}
    >
      <span className="bg-brand text-on-brand grid size-10 shrink-0 place-items-center rounded-full">
        <Icon className="size-5" />
      </span>
      {description}
      <Download className="text-muted size-5 shrink-0" />
    </a>
  );
}
