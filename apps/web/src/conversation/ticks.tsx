import type { MessageStatus } from '@natter/client';
import { Check, CheckCheck, CircleAlert, Clock } from 'lucide-react';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';

const icons = {
  queued: Clock,
  sending: Clock,
  failed: CircleAlert,
  sent: Check,
  delivered: CheckCheck,
  seen: CheckCheck,
} as const;

/** How far an own message has come. */
export function Ticks({
  status,
  className,
}: {
  readonly status: MessageStatus;
  readonly className?: string;
}): ReactNode {
  const say = useText();
  if (status === 'received') return null;
  const Icon = icons[status];
  return (
    <Icon
      role="img"
      aria-label={say(`status.${status}`)}
      data-status={status}
      className={clsx(
        'size-4 shrink-0',
        status === 'seen' && 'text-seen',
        status === 'failed' && 'text-danger',
        className,
      )}
    />
  );
}
