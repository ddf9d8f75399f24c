import { Mic } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';
import { beginPress, type Press } from './press.js';

/** Begins a voice note: by a click or a key it goes on by itself, held it is sent when it is let go of. */
export function RecordButton({
  onStart,
}: {
  readonly onStart: (press: Press | undefined) => void;
}): ReactNode {
  const say = useText();
  return (
    <IconButton
      label={say('voice.record')}
      onPointerDown={(event) => {
        if (event.button === 0) onStart(beginPress(event));
      }}
      // Of a pointer the press has begun it already.
      onClick={(event) => {
        if (event.detail === 0) onStart(undefined);
      }}
      onContextMenu={(event) => event.preventDefault()}
      className="bg-brand text-on-brand! hover:bg-brand-strong touch-none"
    >
      <Mic className="size-5" />
    </IconButton>
  );
}
