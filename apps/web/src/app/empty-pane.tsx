import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { Logo } from '../ui/logo.js';

/** Beside the chats, while none is open. */
export function EmptyPane(): ReactNode {
  const say = useText();
  return (
    <div className="canvas-dots grid h-full place-items-center">
      <div className="flex max-w-96 flex-col items-center gap-3 px-6 text-center">
        <Logo className="mb-2 size-20" />
        <h2 className="text-2xl font-semibold">{say('empty.title')}</h2>
        <p className="text-muted text-pretty">{say('empty.text')}</p>
      </div>
    </div>
  );
}
