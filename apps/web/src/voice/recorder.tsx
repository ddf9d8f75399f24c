import type { NewFile } from '@natter/client';
import { lazy, type ReactNode, Suspense } from 'react';
import type { Press } from './press.js';

/** The recorder's code comes with the first voice note. */
const RecorderBar = lazy(() => import('./recorder-bar.js'));

/** A voice note that is being recorded, from the press that began it; of a key there is none. */
export interface RecordingRequest {
  readonly press: Press | undefined;
}

export function Recorder({
  request,
  onEnd,
}: {
  readonly request: RecordingRequest | undefined;
  readonly onEnd: (note: NewFile | undefined) => void;
}): ReactNode {
  if (!request) return null;
  return (
    <Suspense>
      <RecorderBar press={request.press} onEnd={onEnd} />
    </Suspense>
  );
}
