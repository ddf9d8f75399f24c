import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PAGE = '<!doctype html><title>Natter</title>';
let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), PAGE);
  await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'assets/main-abc123.js'), 'export {};');
  await writeFile(join(folder, 'assets/main-abc123.js.gz'), 'packed');
  server = await startTestServer({ webFolder: folder });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function open(path: string, accept = 'text/html,*/*;q=0.8', encoding = 'identity') {
  return fetch(server.url + path, { headers: { accept, 'accept-encoding': encoding } });
}

describe('the web client', () => {
  it.each(['/', '/c/01990000-0000-7000-8000-000000000000', '/invite/abc', '/settings/devices?a=b'])(
    'is the page at %s',
    async (path) => {
      const response = await open(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(PAGE);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    },
  );

  it('has files that are kept for ever where their name has a hash', async () => {
    const hashed = await open('/assets/main-abc123.js', '*/*');
    expect(hashed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(hashed.headers.get('content-type')).toMatch(/javascript/);
    const icon = await open('/icon.svg', 'image/*');
    expect(icon.headers.get('cache-control')).toBe('no-cache');
    expect(icon.headers.get('content-security-policy')).toContain("connect-src 'self'");
  });

  it('is sent packed to whoever can unpack it', async () => {
    const response = await open('/assets/main-abc123.js', '*/*', 'gzip').catch(() => undefined);
    // The file is none, so that to read it fails: it was the packed one.
    expect(response?.headers.get('content-encoding')).toBe('gzip');
  });

  it.each([
    '/v1/nothing',
    '/v1',
    '/docs/nothing',
    '/socket.io.js',
    '/assets/gone-123.js',
    '/emoji/xx/data.json',
  ])('leaves %s to the API', async (path) => {
    const response = await open(path, path === '/socket.io.js' ? '*/*' : undefined);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/problem\+json/);
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['*/*', 'application/json'])(
    'is the page at / for who asks for %s, too',
    async (accept) => {
      const response = await open('/', accept);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(await response.text()).toBe(PAGE);
    },
  );

  it('is elsewhere for browsers: who does not ask for a page gets none', async () => {
    expect((await open('/c/1', 'application/json')).status).toBe(404);
    expect((await fetch(`${server.url}/c/1`, { method: 'POST' })).status).toBe(404);
  });

  it('leaves the other pages where they are', async () => {
    expect((await open('/healthz')).status).toBe(200);
    expect(await (await open('/docs')).text()).not.toBe(PAGE);
    const { accessToken } = (await server.user()).session;
    const me = await fetch(`${server.url}/v1/users/me`, {
      headers: { authorization: `Bearer ${accessToken}`, accept: 'text/html' },
    });
    expect(await me.json()).toHaveProperty('username');
  });

  it('does not show what is beside its folder', async () => {
    await writeFile(join(folder, '..', 'natter-web-secret'), 'secret');
    for (const path of ['/..%2fnatter-web-secret', '/assets/..%2f..%2fnatter-web-secret']) {
      expect(await (await open(path, '*/*')).text()).not.toContain('secret');
    }
    await rm(join(folder, '..', 'natter-web-secret'));
  });
});

it('is not served where it was not built', async () => {
  const bare = await startTestServer({ webFolder: join(folder, 'nothing') });
  expect((await fetch(bare.url, { headers: { accept: 'text/html' } })).status).toBe(404);
  await bare.stop();
});
