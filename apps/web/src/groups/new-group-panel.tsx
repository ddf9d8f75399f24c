import type { User } from '@natter/client';
import { useChatClient } from '@natter/client/react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../app/paths.js';
import { useText } from '../i18n/use-text.js';
import { PeoplePicker } from '../people/people-picker.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { SwitchRow } from '../ui/switch-row.js';
import { TextField } from '../ui/text-field.js';
import { useTask } from '../ui/use-task.js';

const LONGEST_TITLE = 128;

/** Makes a group: who is in it, what it is called, and who may find it. */
export default function NewGroupPanel(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const [, navigate] = useLocation();
  const [members, setMembers] = useState<readonly User[]>([]);
  const [title, setTitle] = useState('');
  const [isPublic, setPublic] = useState(false);
  const { isBusy, run } = useTask();

  function create(event: FormEvent): void {
    event.preventDefault();
    run(async () => {
      const group = await client.chats.createGroup({
        title: title.trim(),
        memberIds: members.map(({ id }) => id),
        visibility: isPublic ? 'public' : 'private',
      });
      navigate(paths.chat(group.id));
    });
  }

  return (
    <Panel title={say('groups.new')} back={paths.newChat}>
      <form onSubmit={create} className="flex min-h-0 grow flex-col">
        <div className="flex flex-col gap-3 px-4 pb-4">
          <TextField
            label={say('groups.title')}
            value={title}
            maxLength={LONGEST_TITLE}
            autoFocus
            onChange={(event) => setTitle(event.target.value)}
          />
          <SwitchRow
            label={say('groups.public')}
            note={say('groups.publicNote')}
            isOn={isPublic}
            onChange={setPublic}
          />
        </div>
        <PeoplePicker chosen={members} onChange={setMembers} />
        <div className="border-line mt-auto border-t p-4">
          <Button type="submit" className="w-full" isBusy={isBusy} disabled={title.trim() === ''}>
            {say('groups.create', { count: members.length })}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
