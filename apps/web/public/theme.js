// Before anything is painted, so that nobody's dark screen flashes white. The rest is in src/preferences.
try {
  const { theme } = JSON.parse(localStorage.getItem('natter-preferences') ?? '{}');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // No storage, or not ours: the system's theme.
}
