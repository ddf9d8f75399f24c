import type { ChatItem } from '@natter/client';
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useRoute } from 'wouter';
import { useText } from '../i18n/use-text.js';
import { ChatRow } from './chat-row.js';

const steps: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** Rows of chats, of which only those in sight are there; the arrow keys go through all. */
export function ChatList({ chats }: { readonly chats: readonly ChatItem[] }): ReactNode {
  const say = useText();
  const [, params] = useRoute('/c/:chatId/*?');
  const list = useRef<VirtualizerHandle>(null);
  const box = useRef<HTMLDivElement>(null);

  function move(event: KeyboardEvent): void {
    const step = steps[event.key];
    const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (!step || !row || event.altKey) return;
    event.preventDefault();
    const next = step(Number(row.getAttribute('data-index')), chats.length - 1);
    list.current?.scrollToIndex(next, { align: 'nearest' });
    requestAnimationFrame(() => {
      box.current?.querySelector<HTMLElement>(`[data-index="${next}"] a`)?.focus();
    });
  }

  return (
    <div
      ref={box}
      role="list"
      aria-label={say('chats.title')}
      data-region="chats"
      className="min-h-0 grow overflow-y-auto"
      onKeyDown={move}
    >
      <Virtualizer ref={list} scrollRef={box} itemSize={72}>
        {chats.map((chat, index) => (
          <ChatRow
            key={chat.id}
            chat={chat}
            index={index}
            count={chats.length}
            isOpen={chat.id === params?.chatId}
          />
        ))}
      </Virtualizer>
    </div>
  );
}
