import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { commands, errorCodes, rateClasses } from '@natter/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../config/config.js';
import { settingNames } from '../config/settings.js';
import { staleDocuments, writeDocuments } from './generate.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'natter-docs-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('writes what is missing or differs, and nothing else', async () => {
  const all = await staleDocuments(root);
  expect(all.toSorted()).toEqual([
    '.env.example',
    'docs/api/asyncapi.json',
    'docs/api/openapi.json',
    'docs/configuration.md',
    'docs/errors.md',
    'docs/rates.md',
  ]);
  expect(await writeDocuments(root)).toEqual(all);
  expect(await staleDocuments(root)).toEqual([]);
  await writeFile(join(root, 'docs/errors.md'), 'edited by hand');
  expect(await staleDocuments(root)).toEqual(['docs/errors.md']);
  expect(await writeDocuments(root)).toEqual(['docs/errors.md']);
  expect(await writeDocuments(root)).toEqual([]);
});

it('documents every setting, every error and every rate', async () => {
  await writeDocuments(root);
  const configuration = await readFile(join(root, 'docs/configuration.md'), 'utf8');
  for (const name of settingNames) expect(configuration).toContain(`| \`${name}\` |`);
  const errorsPage = await readFile(join(root, 'docs/errors.md'), 'utf8');
  for (const code of errorCodes) expect(errorsPage).toContain(`| \`${code}\` |`);
  const rates = await readFile(join(root, 'docs/rates.md'), 'utf8');
  for (const name of Object.keys(rateClasses)) expect(rates).toContain(`| \`${name}\` |`);
  for (const name of Object.keys(commands)) expect(rates).toContain(`\`${name}\``);
});

it('gives an .env.example that changes nothing, commented out or not', async () => {
  await writeDocuments(root);
  const example = await readFile(join(root, '.env.example'), 'utf8');
  expect(parseEnv(example)).toEqual({});
  const uncommented = parseEnv(example.replaceAll(/^#(?=\w+=)/gm, ''));
  expect(Object.keys(uncommented).toSorted()).toEqual(settingNames.toSorted());
  expect(readConfig(uncommented)).toEqual(readConfig({}));
});
