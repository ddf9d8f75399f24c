import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asyncApiText } from './asyncapi.js';
import { configurationPage, envExample } from './configuration-page.js';
import { errorsPage } from './errors-page.js';
import { openApiText } from './openapi.js';
import { ratesPage } from './rates-page.js';

/** The committed files that are made from the sources, by their path in the repository. */
const documents: Readonly<Record<string, () => string>> = {
  'docs/api/asyncapi.json': asyncApiText,
  'docs/api/openapi.json': openApiText,
  'docs/configuration.md': configurationPage,
  'docs/errors.md': errorsPage,
  'docs/rates.md': ratesPage,
  '.env.example': envExample,
};

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Paths of the documents below `root` that are missing or not what the sources give now. */
export async function staleDocuments(root: string): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, make] of Object.entries(documents)) {
    if ((await readIfThere(join(root, path))) !== make()) stale.push(path);
  }
  return stale;
}

/** Writes those documents that are stale; resolves with their paths. */
export async function writeDocuments(root: string): Promise<string[]> {
  const stale = await staleDocuments(root);
  for (const path of stale) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, documents[path]?.() ?? '');
  }
  return stale;
}
