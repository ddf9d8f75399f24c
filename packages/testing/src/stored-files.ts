import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from './test-server.js';

/** Every file that a server has stored, as `shelf/key`, in its folder `media`. */
export async function storedFiles({
  dataFolder,
}: Pick<TestServer, 'dataFolder'>): Promise<string[]> {
  const folder = join(dataFolder, 'media');
  const shelves = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const keys = await Promise.all(
    shelves.map(async (shelf) =>
      (await readdir(join(folder, shelf))).map((key) => join(shelf, key)),
    ),
  );
  return keys.flat();
}
