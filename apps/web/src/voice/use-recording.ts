import type { NewFile } from '@natter/client';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { audioPlayer } from '../media/audio-player.js';
import { isClick, meaningOf, type Press } from './press.js';
import { VoiceRecorder } from './voice-recorder.js';

interface Recording {
  /** Absent until the microphone is there. */
  readonly recorder: VoiceRecorder | undefined;
  readonly error: unknown;
  /** It is sent when the button is let go of. */
  readonly isHeld: boolean;
  readonly send: () => void;
  readonly cancel: () => void;
}

/** Records from now on, and ends by `onEnd`: with what is to be sent, or with nothing. */
export function useRecording(
  press: Press | undefined,
  onEnd: (note: NewFile | undefined) => void,
): Recording {
  const [recorder, setRecorder] = useState<VoiceRecorder>();
  const [error, setError] = useState<unknown>();
  const [isHeld, setHeld] = useState(press !== undefined && !press.isReleased);
  const current = useRef<VoiceRecorder>(undefined);
  const end = useRef(onEnd);
  useLayoutEffect(() => {
    end.current = onEnd;
  });

  useEffect(() => {
    let isWanted = true;
    // It would be recorded as well.
    audioPlayer.stop();
    VoiceRecorder.start().then(
      (started) => {
        if (!isWanted) {
          started.cancel();
          return;
        }
        current.current = started;
        setRecorder(started);
      },
      (reason: unknown) => {
        if (isWanted) setError(reason);
      },
    );
    return () => {
      isWanted = false;
      current.current?.cancel();
      current.current = undefined;
    };
  }, []);

  const cancel = useCallback(() => end.current(undefined), []);
  const send = useCallback((): void => {
    const finished = current.current;
    if (!finished) return;
    current.current = undefined;
    finished.finish().then((note) => end.current(note), setError);
  }, []);

  useEffect(() => {
    if (!isHeld || !press) return;
    const release = (): void => {
      // The first time a finger leaves the button to answer the browser's question.
      if (isClick(press) || !current.current) setHeld(false);
      else send();
    };
    const move = (event: PointerEvent): void => {
      const meaning = meaningOf(press, event, document.dir === 'rtl');
      if (meaning === 'cancel') cancel();
      else if (meaning === 'lock') setHeld(false);
    };
    if (press.isReleased) release();
    addEventListener('pointerup', release);
    addEventListener('pointermove', move);
    return () => {
      removeEventListener('pointerup', release);
      removeEventListener('pointermove', move);
    };
  }, [isHeld, press, send, cancel]);

  return { recorder, error, isHeld, send, cancel };
}
