import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answerFromShell } from './shell-cache.js';

const ORIGIN = 'https://chat.example';
const pathOf = (request: string | Request) =>
  new URL(typeof request === 'string' ? request : request.url, ORIGIN).pathname;

/** What the server has, by path; where it is away, nothing answers. */
let served: Map<string, [type: string, body: string]>;
let isAway: boolean;
let kept: Map<string, Response>;

beforeEach(() => {
  served = new Map([
    ['/', ['text/html; charset=utf-8', 'the page']],
    ['/c/1', ['text/html; charset=utf-8', 'the page']],
    ['/icon.svg', ['image/svg+xml', 'a picture']],
    ['/shell.json', ['application/json', '[]']],
  ]);
  isAway = false;
  kept = new Map();
  const match = (request: string | Request) => Promise.resolve(kept.get(pathOf(request))?.clone());
  const cache = {
    match,
    keys: () => Promise.resolve([]),
    addAll: () => Promise.resolve(),
    put: (path: string, response: Response) => Promise.resolve(void kept.set(path, response)),
  };
  vi.stubGlobal('location', new URL(ORIGIN));
  vi.stubGlobal('caches', { open: () => Promise.resolve(cache), match });
  vi.stubGlobal('fetch', (request: string | Request) => {
    const found = served.get(pathOf(request));
    if (isAway || !found) return Promise.reject(new TypeError('away'));
    const [type, body] = found;
    return Promise.resolve(new Response(body, { headers: { 'content-type': type } }));
  });
});
afterEach(() => vi.unstubAllGlobals());

async function visit(path: string): Promise<string | undefined> {
  const request = new Request(new URL(path, ORIGIN));
  Object.defineProperty(request, 'mode', { value: 'navigate' });
  return (await answerFromShell(request))?.text();
}

it('the page is kept when it is visited, and is there at every address while the server is away', async () => {
  expect(await visit('/c/1')).toBe('the page');
  isAway = true;
  expect(await visit('/settings')).toBe('the page');
});

it('what is visited and is no page does not take its place', async () => {
  await visit('/c/1');
  expect(await visit('/icon.svg')).toBe('a picture');
  isAway = true;
  expect(await visit('/')).toBe('the page');
});

it.each(['/v1/media/1/content', '/docs', '/metrics', '/socket.io/'])(
  '%s is not answered from here',
  async (path) => {
    expect(await visit(path)).toBeUndefined();
  },
);
