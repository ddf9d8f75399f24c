import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { installServiceWorker } from './app/service-worker.js';
import { followLanguage } from './i18n/catalog.js';
import { followTheme } from './preferences/theme.js';

async function start(): Promise<void> {
  followTheme();
  await followLanguage();
  const root = document.getElementById('root');
  installServiceWorker();
  if (root) createRoot(root).render(<App />);
}

void start();
