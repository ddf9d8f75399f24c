import { Check, SendHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';
import type { Press } from '../voice/press.js';
import { RecordButton } from '../voice/record-button.js';
import { canRecord } from '../voice/voice-recorder.js';

interface SendButtonProps {
  readonly isEditing: boolean;
  /** There is nothing to send: then one can speak. */
  readonly isEmpty: boolean;
  readonly onSend: () => void;
  readonly onRecord: (press: Press | undefined) => void;
}

export function SendButton({ isEditing, isEmpty, onSend, onRecord }: SendButtonProps): ReactNode {
  const say = useText();
  if (isEmpty && !isEditing && canRecord()) return <RecordButton onStart={onRecord} />;
  return (
    <IconButton
      label={say(isEditing ? 'composer.save' : 'composer.send')}
      disabled={isEmpty}
      onClick={onSend}
      className="bg-brand text-on-brand! hover:bg-brand-strong"
    >
      {isEditing ? (
        <Check className="size-5" />
      ) : (
        <SendHorizontal className="size-5 rtl:-scale-x-100" />
      )}
    </IconButton>
  );
}
