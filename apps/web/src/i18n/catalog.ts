import { i18n, type Messages } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { chosenLanguage, type Language, preferences } from '../preferences/preferences.js';
import en from './en.json';

/** The name of a text; each is in the catalog of every language. */
export type TextId = keyof typeof en;

const rightToLeft: readonly Language[] = ['ar'];

const catalogs: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: () => Promise.resolve(en),
  ar: async () => (await import('./ar.json')).default,
};

i18n.setMessagesCompiler(compileMessage);

async function activate(language: Language): Promise<void> {
  const catalog = await catalogs[language]();
  if (chosenLanguage(preferences.getSnapshot()) !== language) return;
  i18n.load(language, catalog);
  i18n.activate(language);
  document.documentElement.lang = language;
  document.documentElement.dir = rightToLeft.includes(language) ? 'rtl' : 'ltr';
}

/** Speaks the language that is chosen, from the moment in which it resolves and after each change. */
export async function followLanguage(): Promise<void> {
  let language = chosenLanguage(preferences.getSnapshot());
  preferences.subscribe(() => {
    const next = chosenLanguage(preferences.getSnapshot());
    if (next === language) return;
    language = next;
    void activate(next);
  });
  await activate(language);
}
