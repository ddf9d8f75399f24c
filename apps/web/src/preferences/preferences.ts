import type { Readable } from '@natter/client';
import { type AlertPreview, isAlertPreview } from '../notifications/alert-settings.js';
import { createStore } from '../ui/store.js';

type Theme = 'system' | 'light' | 'dark';
export const languages = ['en', 'ar'] as const;
export type Language = (typeof languages)[number];

/** What a user sets for this browser alone. */
interface Preferences {
  readonly theme: Theme;
  /** Absent: the first of the browser's languages that there is. */
  readonly language?: Language;
  readonly alertPreview: AlertPreview;
}

const DEFAULTS: Preferences = { theme: 'system', alertPreview: 'text' };

const KEY = 'natter-preferences';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

function isTheme(value: unknown): value is Theme {
  return themes.some((theme) => theme === value);
}

function isLanguage(value: unknown): value is Language {
  return languages.some((language) => language === value);
}

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return DEFAULTS;
    const fields = new Map<string, unknown>(Object.entries(stored));
    const [theme, language] = [fields.get('theme'), fields.get('language')];
    const alertPreview = fields.get('alertPreview');
    return {
      theme: isTheme(theme) ? theme : DEFAULTS.theme,
      ...(isLanguage(language) && { language }),
      alertPreview: isAlertPreview(alertPreview) ? alertPreview : DEFAULTS.alertPreview,
    };
  } catch {
    return DEFAULTS;
  }
}

const stored = createStore(read());

/** What is set in this browser, to follow; it survives a logout. */
export const preferences: Readable<Preferences> & { set(change: Partial<Preferences>): void } = {
  ...stored,
  set: (change) => {
    const next = { ...stored.getSnapshot(), ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // A browser without storage forgets it with the page.
    }
    stored.set(next);
  },
};

/** The language that is set, or the first one of the browser's that there is. */
export function chosenLanguage({ language }: Preferences): Language {
  if (language) return language;
  const offered = navigator.languages.map((tag) => tag.split('-')[0]);
  return offered.find(isLanguage) ?? 'en';
}
