import { useLingui } from '@lingui/react';
import { ChevronLeft, File as FileIcon, ImageOff, Music, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { fileSize } from './file-size.js';
import type { Tray, TrayFile } from './tray.js';

function Preview({ file, preview }: TrayFile): ReactNode {
  const [isUnknown, setUnknown] = useState(false);
  const look = 'size-full object-cover';
  if (preview === undefined || isUnknown) {
    const Icon = isUnknown ? ImageOff : file.type.startsWith('audio/') ? Music : FileIcon;
    return (
      <span className="text-muted flex size-full flex-col items-center justify-center gap-1 p-2 text-xs">
        <Icon className="size-6" />
        <bdi className="w-full truncate text-center">{file.name}</bdi>
      </span>
    );
  }
  return file.type.startsWith('video/') ? (
    <video
      src={preview}
      muted
      playsInline
      preload="metadata"
      className={look}
      onError={() => setUnknown(true)}
    />
  ) : (
    <img src={preview} alt="" className={look} onError={() => setUnknown(true)} />
  );
}

const small =
  'absolute grid size-6 place-items-center rounded-full bg-black/65 text-white focus-visible:outline-brand-text';

/** Above the field: what is going to be sent with what is written in it. */
export function TrayStrip({ tray }: { readonly tray: Tray }): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  if (tray.files.length === 0) return null;
  return (
    <ul
      aria-label={say('tray.title')}
      className="animate-rise flex gap-2 overflow-x-auto px-4 pt-3 pb-1"
    >
      {tray.files.map((one, index) => {
        const { name, size } = one.file;
        return (
          <li key={one.key} className="relative shrink-0">
            <div
              title={name}
              className="bg-field border-line size-24 overflow-hidden rounded-xl border"
            >
              <span className="sr-only">{`${name}, ${fileSize(locale, size)}`}</span>
              <Preview {...one} />
            </div>
            <button
              type="button"
              aria-label={say('tray.remove', { name })}
              onClick={() => tray.remove(one.key)}
              className={`${small} end-1 top-1`}
            >
              <X className="size-3.5" />
            </button>
            {index > 0 && (
              <button
                type="button"
                aria-label={say('tray.moveUp', { name })}
                title={say('tray.moveUp', { name })}
                onClick={() => tray.moveUp(one.key)}
                className={`${small} start-1 bottom-1`}
              >
                <ChevronLeft className="size-3.5 rtl:-scale-x-100" />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
