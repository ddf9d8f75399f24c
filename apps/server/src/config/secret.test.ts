import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptSecret } from './secret.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-secret-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('makes a secret once and keeps it', async () => {
  const first = await keptSecret(folder);
  expect(Buffer.from(first, 'base64url')).toHaveLength(48);
  expect(await keptSecret(folder)).toBe(first);
  expect(await readFile(join(folder, 'jwt-secret'), 'utf8')).toBe(first);
});

it('makes another in another folder', async () => {
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  expect(await keptSecret(one)).not.toBe(await keptSecret(other));
});

it('makes the folder where it is missing', async () => {
  const deep = join(folder, 'not', 'there', 'yet');
  expect(await keptSecret(deep)).toBe(await keptSecret(deep));
});

it('lets nobody else read it, whatever the umask', async () => {
  const before = process.umask(0);
  try {
    await keptSecret(folder);
  } finally {
    process.umask(before);
  }
  const { mode } = await stat(join(folder, 'jwt-secret'));
  expect((mode & 0o777).toString(8)).toBe('600');
});

it('gives the same to all who ask at once, and leaves nothing else behind', async () => {
  for (let round = 0; round < 20; round += 1) {
    const data = join(folder, String(round));
    const secrets = await Promise.all(Array.from({ length: 8 }, () => keptSecret(data)));
    expect(new Set(secrets).size).toBe(1);
    expect(secrets[0]).toHaveLength(64);
    expect(await readFile(join(data, 'jwt-secret'), 'utf8')).toBe(secrets[0]);
    expect(await readdir(data)).toEqual(['jwt-secret']);
  }
});
