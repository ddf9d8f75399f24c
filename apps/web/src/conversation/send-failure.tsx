import type { MessageItem } from '@natter/client';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { useConversation } from './conversation-context.js';

const plain = 'text-danger min-h-7 rounded-md px-1.5 font-semibold underline underline-offset-3';

/** A message that the server refused: why, and what can be done with it. */
export function SendFailure({ message }: { readonly message: MessageItem }): ReactNode {
  const say = useText();
  const { handle, edit } = useConversation();
  return (
    <div className="text-danger mt-1 border-t border-current/20 pt-1 text-sm">
      <p>{message.error?.message ?? say('error.unknown')}</p>
      <p className="flex gap-2">
        <button type="button" className={plain} onClick={() => handle.retry(message)}>
          {say('connection.retry')}
        </button>
        <button type="button" className={plain} onClick={() => edit(message)}>
          {say('message.edit')}
        </button>
        <button type="button" className={plain} onClick={() => handle.discard(message)}>
          {say('message.discard')}
        </button>
      </p>
    </div>
  );
}
