import type { ChatItem } from '@natter/client';
import { useChat } from '@natter/client/react';
import { type ReactNode, useState } from 'react';
import { MessageText } from '../conversation/message-text.js';
import { useText } from '../i18n/use-text.js';
import { Button } from '../ui/button.js';
import { Section } from '../ui/panel.js';
import { useTask } from '../ui/use-task.js';
import { mayEditInfo } from './rights.js';

const LONGEST = 2048;

export function GroupDescription({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const [handle] = useChat(chat.id);
  const [edited, setEdited] = useState<string>();
  const { isBusy, run } = useTask();
  const { description = '' } = chat;
  const isEditable = mayEditInfo(chat);
  if (description === '' && !isEditable) return null;
  if (edited === undefined) {
    return (
      <Section title={say('groups.description')}>
        {description !== '' && <MessageText text={description} />}
        {isEditable && (
          <button
            type="button"
            onClick={() => setEdited(description)}
            className="text-brand-text mt-1 min-h-8 font-medium"
          >
            {say(description === '' ? 'groups.addDescription' : 'groups.editDescription')}
          </button>
        )}
      </Section>
    );
  }
  return (
    <Section title={say('groups.description')}>
      <textarea
        aria-label={say('groups.description')}
        value={edited}
        rows={4}
        maxLength={LONGEST}
        autoFocus
        dir="auto"
        onChange={(event) => setEdited(event.target.value)}
        className="bg-field rounded-control plaintext w-full px-3 py-2"
      />
      <div className="mt-2 flex justify-end gap-2">
        <Button look="quiet" onClick={() => setEdited(undefined)}>
          {say('common.cancel')}
        </Button>
        <Button
          isBusy={isBusy}
          onClick={() =>
            run(async () => {
              await handle.update({ description: edited.trim() || null });
              setEdited(undefined);
            })
          }
        >
          {say('common.save')}
        </Button>
      </div>
    </Section>
  );
}
