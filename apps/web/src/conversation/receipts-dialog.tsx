import type { ChatHandle, MessageItem } from '@natter/client';
import { useLingui } from '@lingui/react';
import { CheckCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { fullTime } from '../i18n/dates.js';
import { useText } from '../i18n/use-text.js';
import { PersonRow } from '../people/person-row.js';
import { Spinner } from '../ui/spinner.js';
import { useAnswer } from '../ui/use-answer.js';

interface Receipt {
  readonly userId: string;
  readonly at: string;
}

function Receipts({
  title,
  receipts,
  isSeen,
}: {
  readonly title: string;
  readonly receipts: readonly Receipt[];
  readonly isSeen: boolean;
}): ReactNode {
  const say = useText();
  const { locale } = useLingui().i18n;
  return (
    <section className="py-2">
      <h3 className="text-muted mb-1 flex items-center gap-2 px-2 text-sm font-semibold">
        <CheckCheck className={isSeen ? 'text-seen size-4' : 'size-4'} /> {title}
      </h3>
      {receipts.length === 0 && <p className="text-muted px-2 py-1">{say('receipts.nobody')}</p>}
      <ul>
        {receipts.map(({ userId, at }) => (
          <PersonRow key={userId} userId={userId} note={fullTime(locale, at)} />
        ))}
      </ul>
    </section>
  );
}

/** Who has received a message, who has seen it, and when. */
export default function ReceiptsDialog({
  handle,
  message,
}: {
  readonly handle: ChatHandle;
  readonly message: MessageItem;
}): ReactNode {
  const say = useText();
  const { value, error } = useAnswer(() => handle.receipts(message), [message.id]);
  if (error !== undefined) return <p className="text-muted p-6">{say('error.unavailable')}</p>;
  if (!value) {
    return (
      <div className="text-muted grid place-items-center p-8">
        <Spinner />
      </div>
    );
  }
  const seen = new Set(value.seen.map(({ userId }) => userId));
  return (
    <div className="min-h-0 overflow-y-auto px-3 pb-4">
      <Receipts title={say('receipts.seen')} receipts={value.seen} isSeen />
      <Receipts
        title={say('receipts.delivered')}
        receipts={value.delivered.filter(({ userId }) => !seen.has(userId))}
        isSeen={false}
      />
    </div>
  );
}
