import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
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
      cwd: ROOT,
      env: { ...process.env, NATTER: server.url },
    });
    // As they were sent, and as Ben reads them.
    expect(stdout.match(/"text":"Hello, Ben!"/g)).toHaveLength(2);
    expect(stdout.match(/"text":"Look at this"/g)).toHaveLength(2);
    expect(stdout.match(/"fileName":"web-light.png"/g)).toHaveLength(2);
  },
);

it('the 15 lines with the SDK fit their types, and run as the README has them', async () => {
  const script = testedBlock('ts');
  expect(script.trim().split('\n').length).toBeLessThanOrEqual(15);
  const folder = await mkdtemp(join(ROOT, 'node_modules', '.natter-readme-'));
  const file = join(folder, 'hello.ts');
  const project = join(folder, 'tsconfig.json');
  try {
    await writeFile(file, script);
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    const compilerOptions = {
      noEmit: true,
      composite: false,
      incremental: false,
      lib: ['es2023', 'dom'],
    };
    const extended = join(ROOT, 'tsconfig.base.json');
    await writeFile(project, JSON.stringify({ extends: extended, compilerOptions, files: [file] }));
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project]);
    // Node runs no types below `node_modules`: what is left of them there is a type of one parameter.
    const plain = join(folder, 'hello.mjs');
    await writeFile(plain, stripTypeScriptTypes(script));
    const { stdout } = await run(process.execPath, [plain, server.url]);
    expect(stdout).toMatch(/my chats: \[ 'ben-\d+' \]/);
    expect(stdout).toMatch(/stored as number 1/);
    expect(stdout).toMatch(/anna-\d+ says: Hello, Ben!/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
