import { type FormEvent, type ReactNode, useState } from 'react';
import { localMinute } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/text-field.js';

interface GoToDateDialogProps {
  /** When the chat began (ISO 8601). */
  readonly from: string;
  readonly onGo: (at: string) => void;
}

const dayOf = (time: number): string => localMinute(time).slice(0, 10);

/** Asks for the day to go to. */
export default function GoToDateDialog({ from, onGo }: GoToDateDialogProps): ReactNode {
  const say = useText();
  const today = dayOf(Date.now());
  const [day, setDay] = useState(today);
  function go(event: FormEvent): void {
    event.preventDefault();
    // Without a zone it is the beginning of the day here.
    onGo(new Date(`${day}T00:00`).toISOString());
  }
  return (
    <form onSubmit={go} className="flex flex-col gap-4 p-5">
      <TextField
        type="date"
        label={say('history.date')}
        value={day}
        min={dayOf(Date.parse(from))}
        max={today}
        required
        autoFocus
        onChange={(event) => setDay(event.target.value)}
      />
      <Button type="submit">{say('history.go')}</Button>
    </form>
  );
}
