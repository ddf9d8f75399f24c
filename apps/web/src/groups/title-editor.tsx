import type { ChatItem } from '@natter/client';
import { useChat } from '@natter/client/react';
import { Check, Pencil, X } from 'lucide-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useText } from '../i18n/use-text.js';
import { IconButton } from '../ui/button.js';
import { useTask } from '../ui/use-task.js';

const LONGEST = 128;

/** A group's title, and what changes it. */
export function TitleEditor({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const [handle] = useChat(chat.id);
  const [edited, setEdited] = useState<string>();
  const { isBusy, run } = useTask();

  if (edited === undefined) {
    return (
      <p className="mt-2 flex items-center gap-1 ps-10 text-xl font-semibold">
        <bdi className="break-words">{chat.name}</bdi>
        <IconButton label={say('groups.rename')} onClick={() => setEdited(chat.name)}>
          <Pencil className="size-4" />
        </IconButton>
      </p>
    );
  }
  function save(event: FormEvent): void {
    event.preventDefault();
    const title = edited?.trim() ?? '';
    run(async () => {
      if (title !== '' && title !== chat.name) await handle.update({ title });
      setEdited(undefined);
    });
  }
  return (
    <form onSubmit={save} className="mt-2 flex w-full items-center gap-1">
      <input
        aria-label={say('groups.title')}
        value={edited}
        maxLength={LONGEST}
        autoFocus
        dir="auto"
        onChange={(event) => setEdited(event.target.value)}
        className="bg-field rounded-control h-10 min-w-0 grow px-3"
      />
      <button
        type="submit"
        disabled={isBusy}
        aria-label={say('common.save')}
        className="text-brand-text grid size-10 place-items-center"
      >
        <Check className="size-5" />
      </button>
      <IconButton label={say('common.cancel')} onClick={() => setEdited(undefined)}>
        <X className="size-5" />
      </IconButton>
    </form>
  );
}
