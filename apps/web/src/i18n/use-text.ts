import { useLingui } from '@lingui/react';
import { useCallback } from 'react';
import type { TextId } from './catalog.js';

/** Says a text of the catalog in the user's language, with values for its placeholders. */
export type Say = (id: TextId, values?: Readonly<Record<string, string | number>>) => string;

/** How this user is spoken to; the same function until the language changes. */
export function useText(): Say {
  const { i18n } = useLingui();
  const { locale } = i18n;
  // The locale is what it depends on: the object is the same in every language.
  return useCallback((id, values) => i18n._(id, { ...values }), [i18n, locale]);
}
