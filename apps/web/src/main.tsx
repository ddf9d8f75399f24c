import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { followLanguage } from './i18n/catalog.js';
import { followTheme } from './preferences/theme.js';

async function start(): Promise<void> {
  followTheme();
  await followLanguage();
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App />);
}

void start();
