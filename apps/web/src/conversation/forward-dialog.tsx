import type { ChatHandle, MessageItem } from '@natter/client';
import { useChats } from '@natter/client/react';
import { type ReactNode, useState } from 'react';
import { ChatChoice } from '../chat-list/chat-choice.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { SearchField } from '../ui/search-field.js';
import { showToast } from '../ui/toasts.js';

/** As many as one command takes (MSG-5). */
const MOST = 20;

interface ForwardDialogProps {
  readonly handle: ChatHandle;
  readonly message: MessageItem;
  readonly onClose: () => void;
}

/** Chooses the chats to which a message goes as well. */
export default function ForwardDialog({ handle, message, onClose }: ForwardDialogProps): ReactNode {
  const say = useText();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const wanted = query.trim().toLocaleLowerCase();
  const chats = useChats().filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  return (
    <>
      <div className="px-5 pt-3 pb-2">
        <SearchField label={say('search.chats')} value={query} onChange={setQuery} />
      </div>
      <ul aria-label={say('chats.title')} className="min-h-0 grow overflow-y-auto px-3">
        {chats.map((chat) => (
          <ChatChoice
            key={chat.id}
            chat={chat}
            isChosen={chosen.has(chat.id)}
            isFull={chosen.size >= MOST}
            onChange={(isChosen) => {
              const next = new Set(chosen);
              if (isChosen) next.add(chat.id);
              else next.delete(chat.id);
              setChosen(next);
            }}
          />
        ))}
      </ul>
      <div className="flex justify-end p-5 pt-3">
        <Button
          disabled={chosen.size === 0}
          onClick={() => {
            void handle.forward(message, [...chosen]);
            showToast({ text: say('forward.done', { count: chosen.size }) });
            onClose();
          }}
        >
          {say('forward.send', { count: chosen.size })}
        </Button>
      </div>
    </>
  );
}
