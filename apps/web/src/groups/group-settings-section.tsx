import type { ChatItem } from '@natter/client';
import { useChat } from '@natter/client/react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { ChoiceGroup } from '../ui/choice-group.js';
import { Section } from '../ui/panel.js';
import { SwitchRow } from '../ui/switch-row.js';
import { useTask } from '../ui/use-task.js';

const questions = ['send', 'addMembers', 'editInfo'] as const;

/** Who may do what in a group, and whether others find it. */
export function GroupSettingsSection({ chat }: { readonly chat: ChatItem }): ReactNode {
  const say = useText();
  const [handle] = useChat(chat.id);
  const { isBusy, run } = useTask();
  const { settings } = chat;
  if (!settings) return null;
  return (
    <Section title={say('groups.settings')}>
      <div className="flex flex-col gap-4">
        {questions.map((question) => (
          <ChoiceGroup
            key={question}
            label={say(`groups.who.${question}`)}
            choices={[
              ['all', say('groups.everyone')],
              ['admins', say('groups.admins')],
            ]}
            chosen={settings[question]}
            isDisabled={isBusy}
            onChange={(who) => run(() => handle.update({ settings: { [question]: who } }))}
          />
        ))}
        <SwitchRow
          label={say('groups.public')}
          note={say('groups.publicNote')}
          isOn={chat.visibility === 'public'}
          isDisabled={isBusy}
          onChange={(isPublic) =>
            run(() => handle.update({ visibility: isPublic ? 'public' : 'private' }))
          }
        />
      </div>
    </Section>
  );
}
