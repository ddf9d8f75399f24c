import { useReadable } from '@natter/client/react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.js';
import { chosenLanguage, languages, preferences } from '../preferences/preferences.js';
import { ChoiceGroup } from '../ui/choice-group.js';
import { Section } from '../ui/panel.js';

/** Each language by its own name. */
const names = { en: 'English', ar: 'العربية' } as const;

/** How Natter looks and speaks in this browser. */
export function AppearanceSettings(): ReactNode {
  const say = useText();
  const current = useReadable(preferences);
  return (
    <>
      <Section>
        <ChoiceGroup
          label={say('appearance.theme')}
          choices={[
            ['system', say('appearance.system')],
            ['light', say('appearance.light')],
            ['dark', say('appearance.dark')],
          ]}
          chosen={current.theme}
          onChange={(theme) => preferences.set({ theme })}
        />
      </Section>
      <Section>
        <ChoiceGroup
          label={say('appearance.language')}
          choices={languages.map((language) => [language, names[language]])}
          chosen={chosenLanguage(current)}
          onChange={(language) => preferences.set({ language })}
        />
      </Section>
    </>
  );
}
