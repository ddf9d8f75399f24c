const CACHE = 'natter-shell';
/** The server's answers vary by origin, for the API's sake; these files do not. */
const SAME_FOR_ALL = { ignoreVary: true };
const PAGE = '/';
/** Written by the build: every file with a hash in its name. */
const LIST = '/shell.json';
const HASHED = /^\/assets\//;
const UNHASHED = ['/theme.js', '/icon.svg', '/icons/192.png', '/manifest.webmanifest'];
/** Addresses of the API: never answered from here. */
const API = /^\/(v1|docs|socket\.io|healthz|readyz|metrics)(\/|$)/;

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

async function shellFiles(): Promise<string[]> {
  const names: unknown = await (await fetch(LIST, { cache: 'no-store' })).json();
  return isNames(names) ? names : [];
}

/** Keeps the page and all of its code, so that the client starts without a network. */
export async function fillShell(): Promise<void> {
  const [cache, files] = await Promise.all([caches.open(CACHE), shellFiles()]);
  // The server gives the page to those who ask for one.
  const page = await fetch(PAGE, { headers: { accept: 'text/html' }, cache: 'no-store' });
  await cache.addAll([...UNHASHED, ...files]);
  if (page.ok) await cache.put(PAGE, page);
}

/** A browser may be led to a file or a picture as well, which is no page to be kept. */
function isPage({ ok, headers }: Response): boolean {
  return ok && headers.get('content-type')?.startsWith('text/html') === true;
}

/** The page as it is now, else as it was kept; what no page needs any more is dropped. */
async function freshPage(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (isPage(response)) await renew(cache, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(PAGE, SAME_FOR_ALL);
    if (kept) return kept;
    throw error;
  }
}

async function renew(cache: Cache, page: Response): Promise<void> {
  const kept = await cache.match(PAGE, SAME_FOR_ALL);
  const [before, now] = await Promise.all([kept?.text(), page.clone().text()]);
  if (before === now) return;
  const files = new Set(await shellFiles());
  const known = await cache.keys();
  const paths = new Set(known.map(({ url }) => new URL(url).pathname));
  await cache.addAll([...files].filter((file) => !paths.has(file)));
  await cache.put(PAGE, page);
  const old = [...paths].filter((path) => HASHED.test(path) && !files.has(path));
  await Promise.all(old.map((path) => cache.delete(path)));
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request, SAME_FOR_ALL)) ?? fetch(request);
}

async function freshFile(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const response = await caches.match(request, SAME_FOR_ALL);
    if (response) return response;
    throw error;
  }
}

/** The answer to a request for the client itself; `undefined` for what is not ours to answer. */
export function answerFromShell(request: Request): Promise<Response> | undefined {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin || API.test(pathname)) {
    return undefined;
  }
  if (request.mode === 'navigate') return freshPage(request);
  if (HASHED.test(pathname)) return kept(request);
  return UNHASHED.includes(pathname) ? freshFile(request) : undefined;
}
