import { useChats } from '@natter/client/react';
import { createElement, useEffect, useRef } from 'react';
import { tinykeys } from 'tinykeys';
import { useLocation, useRoute } from 'wouter';
import { useText } from '../i18n/use-text.js';
import { showDialog } from '../ui/dialog.js';
import { focusChatSearch, isChatSearchShown } from '../chat-list/chat-search-focus.js';
import { paths } from './paths.js';
import { ShortcutList } from './shortcut-list.js';

/** What closes by the same key, and first. */
const overlays = '[role="dialog"], [role="menu"], [role="listbox"]';
const regions = '[data-region]';

/** Moves the focus to the next region of the screen, for those who do not point. */
function focusNextRegion(): void {
  const all = Array.from(document.querySelectorAll<HTMLElement>(regions)).filter(
    (region) => region.offsetParent !== null,
  );
  const at = all.findIndex((region) => region.contains(document.activeElement));
  const next = all[(at + 1) % all.length];
  next?.querySelector<HTMLElement>('[data-region-focus], textarea, input, a, button')?.focus();
}

/** The keys that work everywhere. None is a letter alone, so that writing is never taken for a command. */
export function useShortcuts(): void {
  const say = useText();
  const chats = useChats();
  const [, navigate] = useLocation();
  const [, params] = useRoute('/c/:chatId/*?');
  const [isPlain] = useRoute('/c/:chatId/transcript');
  const current = useRef({ chats, chatId: params?.chatId, isPlain });
  useEffect(() => {
    current.current = { chats, chatId: params?.chatId, isPlain };
  });
  useEffect(() => {
    const move = (step: 1 | -1, onlyUnread: boolean): void => {
      const { chats: all, chatId } = current.current;
      const list = all.filter(
        (chat) => chat.id === chatId || !onlyUnread || (chat.unreadCount ?? 0) > 0,
      );
      const at = list.findIndex(({ id }) => id === chatId);
      const next = list[at === -1 ? 0 : at + step];
      if (next) navigate(paths.chat(next.id));
    };
    const on = (act: () => void) => (event: KeyboardEvent) => {
      event.preventDefault();
      act();
    };
    return tinykeys(
      window,
      {
        '$mod+KeyK': on(() => {
          if (!isChatSearchShown()) navigate(paths.home);
          focusChatSearch();
        }),
        'Alt+ArrowDown': on(() => move(1, false)),
        'Alt+ArrowUp': on(() => move(-1, false)),
        'Alt+Shift+ArrowDown': on(() => move(1, true)),
        'Alt+Shift+ArrowUp': on(() => move(-1, true)),
        'Alt+KeyN': on(() => navigate(paths.newChat)),
        '$mod+KeyF': (event) => {
          const { chatId, isPlain } = current.current;
          // Without a chat, and where all of its text is in the page, it is the browser's own.
          if (chatId === undefined || isPlain) return;
          event.preventDefault();
          navigate(paths.chatSearch(chatId));
        },
        Escape: (event) => {
          const { chatId } = current.current;
          const isTaken = event.defaultPrevented || document.querySelector(overlays) !== null;
          if (!isTaken) navigate(chatId === undefined ? paths.home : paths.chat(chatId));
        },
        F6: on(focusNextRegion),
        '$mod+Slash': on(() =>
          showDialog({ title: say('shortcuts.title'), content: () => createElement(ShortcutList) }),
        ),
      },
      { ignore: (event) => event.isComposing },
    );
  }, [navigate, say]);
}
