import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readEnvironment } from './environment.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'natter-environment-'));
  file = join(folder, '.env');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it('reads the variables of a .env file', async () => {
  await writeFile(
    file,
    '# a comment\nNATTER_WRITERS=3\nexport CORS_ORIGINS="https://a.example, https://b.example"\n',
  );
  expect(readEnvironment(file)).toMatchObject({
    NATTER_WRITERS: '3',
    CORS_ORIGINS: 'https://a.example, https://b.example',
  });
});

it('lets a real variable win over the file', async () => {
  await writeFile(file, 'NATTER_WRITERS=3\nNATTER_DATA=./from-file\n');
  vi.stubEnv('NATTER_WRITERS', '5');
  expect(readEnvironment(file)).toMatchObject({ NATTER_WRITERS: '5', NATTER_DATA: './from-file' });
});

it('reads the real variables alone where there is no file', () => {
  vi.stubEnv('NATTER_WRITERS', '5');
  expect(readEnvironment(file)).toMatchObject({ NATTER_WRITERS: '5' });
});

it('leaves the environment of the process as it is', async () => {
  await writeFile(file, 'NATTER_WRITERS=3\n');
  const { NATTER_WRITERS } = readEnvironment(file);
  expect(NATTER_WRITERS).toBe('3');
  expect(process.env['NATTER_WRITERS']).toBeUndefined();
});
