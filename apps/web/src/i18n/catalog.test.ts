import { setupI18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { describe, expect, it } from 'vitest';
import ar from './ar.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

const catalogs = { en, ar };

/** The names between braces, without those of a choice's cases. */
function placeholders(text: string): string[] {
  const names = [...text.matchAll(/\{(\w+)(?:[,}])/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => name !== 'self').toSorted();
}

it('every language has every text', () => {
  for (const catalog of Object.values(catalogs)) {
    expect(Object.keys(catalog).toSorted()).toEqual(Object.keys(en).toSorted());
  }
});

describe.each(Object.entries(catalogs))('in %s', (locale, catalog) => {
  const i18n = setupI18n();
  i18n.setMessagesCompiler(compileMessage);
  i18n.load(locale, catalog);
  i18n.activate(locale);

  it.each(Object.entries(catalog))('%s can be said', (id, text) => {
    const english = new Map(Object.entries(en)).get(id) ?? '';
    expect(placeholders(text).every((name) => placeholders(english).includes(name))).toBe(true);
    const names = placeholders(english).map((name) => [name, 3] as const);
    for (const self of ['yes', 'no']) {
      const said = i18n._(id, { ...Object.fromEntries(names), self });
      expect(said).not.toBe('');
      expect(said).not.toMatch(/[{}#]|undefined/);
    }
  });
});
