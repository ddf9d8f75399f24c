import { useChatClient, useMe } from '@natter/client/react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { ChoiceGroup } from '../ui/choice-group.js';
import { Section } from '../ui/panel.js';
import { SwitchRow } from '../ui/switch-row.js';
import { useTask } from '../ui/use-task.js';

/** Who sees what of this user, and who may add him to groups. */
export function PrivacySettings(): ReactNode {
  const say = useText();
  const client = useChatClient();
  const privacy = useMe()?.privacy;
  const { isBusy, run } = useTask();
  if (!privacy) return null;
  const set = (change: Partial<typeof privacy>): void =>
    run(() => client.users.updateProfile({ privacy: { ...privacy, ...change } }));
  return (
    <>
      <Section>
        <ChoiceGroup
          label={say('privacy.presence')}
          choices={[
            ['contacts', say('privacy.contacts')],
            ['nobody', say('privacy.nobody')],
          ]}
          chosen={privacy.presence}
          isDisabled={isBusy}
          onChange={(presence) => set({ presence })}
        />
      </Section>
      <Section>
        <ChoiceGroup
          label={say('privacy.addToGroups')}
          choices={[
            ['all', say('privacy.everyone')],
            ['contacts', say('privacy.contacts')],
          ]}
          chosen={privacy.addToGroups}
          isDisabled={isBusy}
          onChange={(addToGroups) => set({ addToGroups })}
        />
      </Section>
      <Section>
        <SwitchRow
          label={say('privacy.seen')}
          note={say('privacy.seenNote')}
          isOn={privacy.seen}
          isDisabled={isBusy}
          onChange={(seen) => set({ seen })}
        />
      </Section>
    </>
  );
}
