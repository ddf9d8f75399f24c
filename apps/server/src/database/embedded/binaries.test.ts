import { readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyBinaries } from './binaries-copy.js';
import { resolvePlatformPackage, restoreLinks } from './platform-package.js';
import { runProgram } from './run-program.js';
import { chooseAccount, runsAsRoot } from './system-account.js';
import { Sandbox } from './testing/sandbox.js';

const account = runsAsRoot() ? await chooseAccount() : undefined;

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(async () => {
  await sandbox.clear();
}, 30_000);

test(
  'a copy of the binaries runs as another user, is made once, and gets its missing links back',
  { timeout: 30_000 },
  async () => {
    const { folder } = await resolvePlatformPackage();
    const copy = join(await sandbox.makeFolder(), 'shared', 'postgresql');

    const made = await Promise.all([copyBinaries(folder, copy), copyBinaries(folder, copy)]);
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await copyBinaries(folder, copy)).toBe(false);
    expect(
      (await runProgram(join(copy, 'bin', 'initdb'), ['--version'], { account })).succeeded,
    ).toBe(true);

    await rm(join(copy, 'lib', 'libpq.so.5'));
    await restoreLinks(copy);
    expect(await readlink(join(copy, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
  },
);
