import type { NewFile } from '@natter/client';
import { useReadable } from '@natter/client/react';
import { Lock, MicOff, SendHorizontal, Trash2, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Say, useText } from '../i18n/use-text.js';
import { playTime } from '../media/play-time.js';
import { Waveform } from '../media/waveform.js';
import { announce } from '../ui/announcer.js';
import { IconButton } from '../ui/button.js';
import { Spinner } from '../ui/spinner.js';
import type { Press } from './press.js';
import { useRecording } from './use-recording.js';
import type { VoiceRecorder } from './voice-recorder.js';

/** How much of the recording is seen while it is made. */
const SHOWN_LEVELS = 40;

/** Why nothing can be recorded, and what to do about it. */
function reasonText(error: unknown, say: Say): string {
  // Elsewhere than on a safe page there is no such interface.
  if (!isSecureContext) return say('voice.insecure');
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return say('voice.denied');
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return say('voice.none');
  return say('voice.failed');
}

function Level({ recorder }: { readonly recorder: VoiceRecorder }): ReactNode {
  const { elapsedMs, levels } = useReadable(recorder.state);
  const shown = levels.slice(-SHOWN_LEVELS);
  const before = Array.from({ length: SHOWN_LEVELS - shown.length }, () => 0);
  return (
    <>
      <span className="bg-danger size-2.5 shrink-0 animate-pulse-soft rounded-full" />
      <span role="timer" className="w-12 shrink-0 tabular-nums">
        {playTime(elapsedMs)}
      </span>
      <span dir="ltr" className="min-w-0 grow">
        <Waveform peaks={[...before, ...shown]} heard={1} />
      </span>
    </>
  );
}

interface RecorderBarProps {
  readonly press: Press | undefined;
  readonly onEnd: (note: NewFile | undefined) => void;
}

/** In place of the composer while a voice note is recorded. */
export default function RecorderBar({ press, onEnd }: RecorderBarProps): ReactNode {
  const say = useText();
  const { recorder, error, isHeld, send, cancel } = useRecording(press, onEnd);
  const bar = useRef<HTMLDivElement>(null);
  const isRecording = recorder !== undefined;
  useEffect(() => {
    if (isRecording) announce(say('voice.recording'));
    bar.current?.querySelector<HTMLElement>('[data-first]')?.focus();
  }, [isRecording, error, say]);

  if (error !== undefined) {
    return (
      <div
        ref={bar}
        role="alert"
        className="bg-panel absolute inset-0 z-10 flex items-center gap-3 ps-4 pe-2"
      >
        <MicOff className="text-danger size-5 shrink-0" />
        <p className="line-clamp-3 grow text-sm">{reasonText(error, say)}</p>
        <IconButton data-first="" label={say('common.close')} onClick={cancel}>
          <X className="size-5" />
        </IconButton>
      </div>
    );
  }
  return (
    <div
      ref={bar}
      role="group"
      aria-label={say('voice.recording')}
      className="bg-panel absolute inset-0 z-10 flex items-center gap-2 p-2"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        cancel();
      }}
    >
      <IconButton label={say('voice.cancel')} onClick={cancel} className="text-danger!">
        <Trash2 className="size-5" />
      </IconButton>
      {recorder ? (
        <Level recorder={recorder} />
      ) : (
        <span className="text-muted flex grow items-center gap-3">
          <Spinner className="size-4" /> {say('voice.asking')}
        </span>
      )}
      {isHeld && recorder && (
        <span className="text-muted flex shrink-0 items-center gap-1.5 text-sm">
          <Lock className="size-4" />
          <span className="hidden sm:inline">{say('voice.hint')}</span>
        </span>
      )}
      <IconButton
        data-first=""
        label={say('voice.send')}
        disabled={!recorder}
        onClick={send}
        className="bg-brand text-on-brand! hover:bg-brand-strong"
      >
        <SendHorizontal className="size-5 rtl:-scale-x-100" />
      </IconButton>
    </div>
  );
}
