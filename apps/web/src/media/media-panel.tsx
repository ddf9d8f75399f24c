import type { MessageItem, Timeline } from '@natter/client';
import { useConnection, useTimeline } from '@natter/client/react';
import { useLingui } from '@lingui/react';
import { Images } from 'lucide-react';
import clsx from 'clsx';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { paths } from '../app/paths.js';
import { stretchAround } from '../conversation/rows.js';
import { shortTime } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { EmptyState } from '../ui/empty-state.js';
import { Panel } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';
import { AudioRow } from './audio-row.js';
import { FileRow } from './file-row.js';
import { showLightbox, visualsOf } from './lightbox.js';
import { isAudible, isVisual, type MediaItem, shownMedia } from './media-item.js';
import { PictureTile } from './picture-tile.js';

/** Of one press: a chat may have thousands of messages without any file. */
const MOST_PAGES = 10;
/** With fewer there is room for more, so that they are looked for at once. */
const SCREENFUL = 12;

interface Found {
  readonly message: MessageItem;
  readonly media: MediaItem;
}

/** All files of the newest messages that are loaded without a hole, the last one first. */
function foundIn(messages: readonly MessageItem[]): Found[] {
  return messages
    .filter(({ id }) => id !== undefined)
    .flatMap((message) => shownMedia(message).map((media) => ({ message, media })))
    .toReversed();
}

/** Loads older messages until there is a file among them, or for so many pages. */
async function lookBack(timeline: Timeline): Promise<void> {
  const newest = (): ReturnType<typeof stretchAround> =>
    stretchAround(timeline.getSnapshot(), undefined);
  const before = foundIn(newest().messages).length;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { hasOlder, gapAbove, messages } = newest();
    if (!hasOlder || foundIn(messages).length > before) return;
    await timeline.loadOlder(gapAbove);
  }
}

function Pictures({ found }: { readonly found: readonly Found[] }): ReactNode {
  const items = useMemo(
    () => visualsOf([...new Set(found.map(({ message }) => message))].toReversed()),
    [found],
  );
  return (
    <ul className="grid grid-cols-3 gap-0.5 px-3">
      {found.map(({ media }) => (
        <li key={media.key}>
          <PictureTile
            media={media}
            className="aspect-square w-full rounded-md"
            onOpen={() =>
              showLightbox({
                items,
                first: items.findIndex((item) => item.media.key === media.key),
              })
            }
          />
        </li>
      ))}
    </ul>
  );
}

function Files({ found }: { readonly found: readonly Found[] }): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  return (
    <ul className="px-4">
      {found.map(({ message, media }) => (
        <li key={media.key} className="border-line border-b py-2 last:border-b-0">
          {isAudible(media) ? (
            <AudioRow media={media} isOwn={message.isOwn} />
          ) : (
            <FileRow media={media} isOwn={false} />
          )}
          <Link
            href={message.id === undefined ? '' : paths.message(message.chatId, message.id)}
            className="text-muted flex gap-1 text-sm hover:underline"
          >
            <bdi className="truncate">
              {message.isOwn ? say('people.you') : message.sender.displayName}
            </bdi>
            <time dateTime={message.createdAt}>· {shortTime(locale, message.createdAt)}</time>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The pictures and files of a chat, as far back as its messages were looked through. */
export default function MediaPanel({ chatId }: { readonly chatId: string }): ReactNode {
  const say = useText();
  const [timeline, snapshot] = useTimeline(chatId);
  const { status } = useConnection();
  const [isFiles, setFiles] = useState(false);
  const { isBusy, run } = useTask();
  const { messages, hasOlder } = useMemo(() => stretchAround(snapshot, undefined), [snapshot]);
  const found = useMemo(() => foundIn(messages), [messages]);
  const shown = found.filter(({ media }) => isVisual(media) !== isFiles);
  const more = useCallback(() => run(() => lookBack(timeline)), [run, timeline]);

  const hasLooked = useRef(false);
  const isReady = status === 'live' && !snapshot.isLoading && messages.length > 0;
  useEffect(() => {
    if (!isReady || hasLooked.current) return;
    hasLooked.current = true;
    if (found.length < SCREENFUL) more();
  }, [isReady, found, more]);

  return (
    <Panel title={say('gallery.title')} back={paths.chatInfo(chatId)}>
      <div role="group" aria-label={say('gallery.title')} className="flex gap-1.5 px-4 pb-3">
        {[false, true].map((files) => (
          <button
            key={String(files)}
            type="button"
            aria-pressed={files === isFiles}
            onClick={() => setFiles(files)}
            className={clsx(
              'min-h-8 rounded-full px-3 text-sm font-medium transition-colors',
              files === isFiles
                ? 'bg-brand-soft text-brand-text'
                : 'text-muted bg-field hover:bg-selected',
            )}
          >
            {say(files ? 'gallery.files' : 'gallery.pictures')}
          </button>
        ))}
      </div>
      <div className="min-h-0 grow overflow-y-auto pb-4">
        {shown.length === 0 && !isBusy && (
          <EmptyState
            icon={<Images className="size-7" />}
            title={say(hasOlder ? 'gallery.noneYet' : 'gallery.none')}
          />
        )}
        {isFiles ? <Files found={shown} /> : <Pictures found={shown} />}
        {hasOlder && (
          <div className="flex justify-center p-4">
            <Button look="quiet" isBusy={isBusy} disabled={status !== 'live'} onClick={more}>
              {say('gallery.more')}
            </Button>
          </div>
        )}
      </div>
    </Panel>
  );
}
