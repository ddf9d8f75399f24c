import type { ChatHandle } from '@natter/client';
import { useLingui } from '@lingui/react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { localMinute } from '../i18n/dates.js';
import { durationText } from '../i18n/durations.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/text-field.js';
import { useTask } from '../ui/use-task.js';
import { FOR_EVER } from './mutes.js';

const HOUR = 60 * 60 * 1000;
const durations = [HOUR, 8 * HOUR, 7 * 24 * HOUR];

interface MuteDialogProps {
  readonly handle: ChatHandle;
  readonly onClose: () => void;
}

/** For how long a chat is to be silent: some time, until a moment, or for ever. */
export default function MuteDialog({ handle, onClose }: MuteDialogProps): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  const [until, setUntil] = useState('');
  const { isBusy, run } = useTask();
  const mute = (mutedUntil: string): void =>
    run(async () => {
      await handle.setPreferences({ mutedUntil });
      onClose();
    });

  function muteUntil(event: FormEvent): void {
    event.preventDefault();
    mute(new Date(until).toISOString());
  }

  return (
    <div className="flex flex-col gap-2 overflow-y-auto p-5">
      {durations.map((ms) => (
        <Button
          key={ms}
          look="quiet"
          disabled={isBusy}
          onClick={() => mute(new Date(Date.now() + ms).toISOString())}
        >
          {durationText(locale, ms)}
        </Button>
      ))}
      <Button look="quiet" disabled={isBusy} onClick={() => mute(FOR_EVER)}>
        {say('mute.always')}
      </Button>
      <form onSubmit={muteUntil} className="border-line mt-3 flex items-end gap-2 border-t pt-4">
        <TextField
          type="datetime-local"
          label={say('mute.untilLabel')}
          className="min-w-0 grow"
          value={until}
          min={localMinute(Date.now())}
          required
          onChange={(event) => setUntil(event.target.value)}
        />
        <Button type="submit" disabled={isBusy} className="min-h-11">
          {say('chats.mute')}
        </Button>
      </form>
    </div>
  );
}
