import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GUIDES = join(ROOT, 'docs/sdk');
const run = promisify(execFile);

/** What the examples speak of without making it. */
const SPOKEN_OF = {
  client: "import('@natter/client').ChatClient",
  chat: "import('@natter/client').ChatHandle",
  timeline: "import('@natter/client').Timeline",
  userId: 'string',
};

/** An example as a module of its own. */
function moduleOf(code: string): string {
  const declared = Object.entries(SPOKEN_OF)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(code))
    .filter(([name]) => !new RegExp(`\\b(const|function|\\[) ?\\[?${name}\\b`).test(code))
    .map(([name, type]) => `declare const ${name}: ${type};`);
  return [...declared, code, 'export {};'].join('\n');
}

it('every example of the guides fits the types', async () => {
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.natter-guides-'));
  try {
    const files: string[] = [];
    for (const guide of await readdir(GUIDES)) {
      const text = await readFile(join(GUIDES, guide), 'utf8');
      for (const [, kind = '', code = ''] of text.matchAll(/```(tsx?)\n([^]*?)```/g)) {
        const name = `${guide.replace('.md', '')}-${files.length}.${kind}`;
        await writeFile(join(folder, name), moduleOf(code));
        files.push(name);
      }
    }
    expect(files.length).toBeGreaterThan(10);
    const compilerOptions = {
      noEmit: true,
      composite: false,
      incremental: false,
      jsx: 'react-jsx',
      noUnusedLocals: false,
      lib: ['es2024', 'dom'],
    };
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: join(ROOT, 'tsconfig.base.json'), compilerOptions, files }),
    );
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, '-p', folder]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
