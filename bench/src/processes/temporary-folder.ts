import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resources } from './resources.js';

const LOG_LINES_SHOWN = 15;

/** Makes a folder that is removed when the run ends. Other users may pass through it: PostgreSQL may be one. */
export async function makeTemporaryFolder(
  parent: string | undefined,
  resources: Resources,
): Promise<string> {
  const folder = await realpath(await mkdtemp(join(parent ?? tmpdir(), 'natter-bench-')));
  resources.add(folder, {
    release: () => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
    atExit: () => rmSync(folder, { recursive: true, force: true }),
  });
  await chmod(folder, 0o711);
  return folder;
}

/** The end of each process's output, for a failure whose cause may be there. */
export async function lastLogLines(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const tails = names.map(async (name) => {
    const text = await readFile(join(folder, name), 'utf8');
    const lines = text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
    return `${name}:\n${lines.join('\n')}\n`;
  });
  return (await Promise.all(tails)).join('\n');
}
