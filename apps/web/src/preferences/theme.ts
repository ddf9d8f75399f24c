import { preferences } from './preferences.js';

const systemDark = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const { theme } = preferences.getSnapshot();
  const system = systemDark.matches ? 'dark' : 'light';
  document.documentElement.dataset['theme'] = theme === 'system' ? system : theme;
}

/** Keeps the page in the theme that is chosen, also while the system's changes. */
export function followTheme(): void {
  apply();
  preferences.subscribe(apply);
  systemDark.addEventListener('change', apply);
}
