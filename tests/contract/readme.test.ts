import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

let server: TestServer;
let readme: string;

beforeAll(async () => {
  server = await startTestServer();
  readme = await readFile(join(ROOT, 'README.md'), 'utf8');
});
afterAll(() => server.stop());

/** The code block that follows the mark that a test runs it. */
function testedBlock(language: string): string {
  const block = new RegExp(
    `<!-- A test runs this as it stands. -->\\n\\n\`\`\`${language}\\n([^]*?)\`\`\``,
  ).exec(readme)?.[1];
  if (block === undefined) throw new Error(`The README has no tested block in ${language}`);
  return block;
}

/** The README's `--json` came with curl 7.82; a fresh machine may have an older one or none. */
function hasCurl(): boolean {
  const [, major, minor] =
    /^curl (\d+)\.(\d+)/.exec(String(spawnSync('curl', ['--version']).stdout)) ?? [];
  return Number(major) > 7 || (Number(major) === 7 && Number(minor) >= 82);
}

it.skipIf(!hasCurl())(
  'the conversation with curl runs as the README has it (wants curl 7.82 or newer)',
  async () => {
    const { stdout } = await run('sh', ['-eu', '-c', testedBlock('sh')], {
      env: { ...process.env, NATTER: server.url },
    });
    expect(stdout.match(/"text":"Hello, Ben!"/g)).toHaveLength(2);
  },
);

it('the script of 15 lines runs as the README has it', async () => {
  const script = testedBlock('js');
  expect(script.trim().split('\n').length).toBeLessThanOrEqual(15);
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.natter-readme-'));
  try {
    await writeFile(join(folder, 'hello.mjs'), script);
    const { stdout } = await run(process.execPath, [join(folder, 'hello.mjs'), server.url]);
    expect(stdout).toMatch(/stored as number 1/);
    expect(stdout).toMatch(/anna-\d+ says: Hello, Ben!/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
