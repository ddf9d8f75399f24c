import type { ReactNode } from 'react';
import type { TextId } from '../i18n/catalog.js';
import { useText } from '../i18n/use-text.js';

const shortcuts: readonly (readonly [string, TextId])[] = [
  ['Ctrl + K', 'shortcuts.search'],
  ['Alt + ↓ / ↑', 'shortcuts.nextChat'],
  ['Alt + Shift + ↓ / ↑', 'shortcuts.nextUnread'],
  ['Alt + N', 'shortcuts.newChat'],
  ['Ctrl + F', 'shortcuts.searchChat'],
  ['↑', 'shortcuts.editLast'],
  ['Enter', 'shortcuts.send'],
  ['Shift + Enter', 'shortcuts.newLine'],
  ['Esc', 'shortcuts.escape'],
  ['F6', 'shortcuts.regions'],
  ['Ctrl + /', 'shortcuts.help'],
];

export function ShortcutList(): ReactNode {
  const say = useText();
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-3 overflow-y-auto p-5">
      {shortcuts.map(([keys, text]) => (
        <div key={text} className="contents">
          <dt>
            <kbd
              dir="ltr"
              className="bg-field rounded-lg px-2 py-1 font-sans text-sm whitespace-nowrap"
            >
              {keys}
            </kbd>
          </dt>
          <dd>{say(text)}</dd>
        </div>
      ))}
    </dl>
  );
}
