import { useMediaLink, useReadable } from '@natter/client/react';
import { Mic, Music, Pause, Play } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { audioPlayer } from './audio-player.js';
import type { MediaItem } from './media-item.js';
import { mediaLabel } from './media-label.js';
import { UploadMark } from './upload-mark.js';
import { playTime } from './play-time.js';
import { Waveform } from './waveform.js';

const STEPS = 1000;

interface AudioRowProps {
  readonly media: MediaItem;
  readonly isOwn: boolean;
}

/** A recording in a message: plays here, from wherever one presses. */
export function AudioRow({ media, isOwn }: AudioRowProps): ReactNode {
  const say = useText();
  const { url } = useMediaLink(media);
  const { key } = media;
  const playback = useReadable(audioPlayer.state);
  const isHeard = useReadable(audioPlayer.played, (all) => all.has(key)) || isOwn;
  const isThis = playback.key === key;
  const isPlaying = isThis && playback.isPlaying;
  const durationMs = media.durationMs ?? 0;
  const positionMs = isThis ? Math.min(playback.positionMs, durationMs || Infinity) : 0;
  const heard = durationMs > 0 ? positionMs / durationMs : 0;
  const label = mediaLabel(media, say);
  const isVoice = media.voice === true;
  return (
    <div data-media={isVoice ? 'voice' : 'audio'} className="my-0.5 flex w-72 max-w-full gap-2.5">
      {media.upload ? (
        <UploadMark media={media} />
      ) : (
        <button
          type="button"
          disabled={url === undefined}
          aria-label={say(isPlaying ? 'media.pause' : 'media.play', { label })}
          onClick={() => {
            if (url !== undefined) audioPlayer.toggle(key, url);
          }}
          className="bg-brand text-on-brand hover:bg-brand-strong grid size-11 shrink-0 place-items-center rounded-full disabled:opacity-55"
        >
          {isPlaying ? (
            <Pause className="size-5 fill-current" />
          ) : (
            <Play className="ms-0.5 size-5 fill-current" />
          )}
        </button>
      )}
      <div className="min-w-0 grow">
        {!isVoice && <bdi className="block truncate text-sm font-medium">{label}</bdi>}
        <div className="relative has-focus-visible:outline-2" dir="ltr">
          {isVoice || media.peaks ? (
            <Waveform peaks={media.peaks ?? []} heard={heard} />
          ) : (
            <span className="flex h-5 items-center">
              <span className="bg-muted/45 h-1 grow overflow-hidden rounded-full">
                <span className="bg-brand-text block h-full" style={{ width: `${heard * 100}%` }} />
              </span>
            </span>
          )}
          <input
            type="range"
            min={0}
            max={STEPS}
            step={STEPS / 100}
            value={Math.round(heard * STEPS)}
            disabled={durationMs === 0}
            aria-label={say('media.position', { label })}
            aria-valuetext={`${playTime(positionMs)} / ${playTime(durationMs)}`}
            onChange={(event) =>
              audioPlayer.seek(key, (Number(event.target.value) / STEPS) * durationMs)
            }
            className="absolute inset-0 size-full cursor-pointer opacity-0"
          />
        </div>
        <div
          className={clsx(
            'flex h-6 items-center gap-1.5 text-xs',
            isOwn ? 'text-own-muted' : 'text-muted',
          )}
        >
          {isVoice ? (
            <Mic
              role="img"
              aria-label={say(isHeard ? 'media.heard' : 'media.unheard')}
              className={clsx('size-3.5', !isHeard && 'text-online')}
            />
          ) : (
            <Music aria-hidden="true" className="size-3.5" />
          )}
          <span className="tabular-nums">
            {playTime(isThis && positionMs > 0 ? positionMs : durationMs)}
          </span>
          {isVoice && !isHeard && <span className="bg-online size-1.5 rounded-full" />}
          {isThis && (
            <button
              type="button"
              aria-label={say('media.speed', { speed: playback.speed })}
              onClick={() => audioPlayer.nextSpeed()}
              className="bg-panel/70 text-text ms-auto min-h-6 rounded-full px-2 font-semibold"
            >
              <span dir="ltr">{playback.speed}×</span>
            </button>
          )}
        </div>
      </div>
    </div>
  );
}
