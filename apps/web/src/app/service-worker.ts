let registered: Promise<ServiceWorkerRegistration | undefined> = Promise.resolve(undefined);

/** Lets the client start without a network, and be alerted while it is closed. */
export function installServiceWorker(): void {
  // Not everywhere: a page that came by plain http from elsewhere than this machine has none.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  registered = navigator.serviceWorker
    .register('/service-worker.js', { type: 'module' })
    .then(() => navigator.serviceWorker.ready)
    .catch(() => undefined);
}

/** The service worker, once it is there; `undefined` where there is none. */
export function serviceWorkerRegistration(): Promise<ServiceWorkerRegistration | undefined> {
  return registered;
}

function pathIn(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, path } = { type: undefined, path: undefined, ...message };
  return type === 'open' && typeof path === 'string' ? path : undefined;
}

/** Calls back when the user pressed an alert. @returns what ends that. */
export function onAlertPressed(open: (path: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined;
  const hear = (event: MessageEvent<unknown>): void => {
    const path = pathIn(event.data);
    if (path !== undefined) open(path);
  };
  navigator.serviceWorker.addEventListener('message', hear);
  return () => navigator.serviceWorker.removeEventListener('message', hear);
}
