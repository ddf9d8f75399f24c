import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mutants } from '../fault/mutants/mutants.js';
import { complaint } from './complaint.js';
import { readText, root, testTitles } from './sources.js';

const FOLDER = 'tests/fault/mutants';

/** A container may have the sources and no git. */
function hasGit(): boolean {
  return spawnSync('git', ['--version']).status === 0;
}

function applies(name: string): boolean {
  const patch = join(root, FOLDER, `${name}.patch`);
  try {
    execFileSync('git', ['apply', '--check', patch], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const MIGRATIONS = 'apps/server/src/database/migrations';
const FUNCTION = /create (?:or replace )?function (\w+)\([\s\S]*?\$\$`/g;

/** The functions of the database that a patch changes, each with the migration in which it does. */
function changedFunctions(patch: string): { readonly name: string; readonly migration: string }[] {
  return patch.split(/^diff --git /m).flatMap((part) => {
    const [, migration] = new RegExp(`^--- a/${MIGRATIONS}/(.+)$`, 'm').exec(part) ?? [];
    if (migration === undefined) return [];
    const taken = part.split('\n').flatMap((line) => /^-(?!--)(.+)$/.exec(line)?.[1] ?? []);
    return [...readText(join(MIGRATIONS, migration)).matchAll(FUNCTION)]
      .filter(([text]) => taken.some((line) => text.includes(line)))
      .flatMap(([, name]) => (name === undefined ? [] : { name, migration }));
  });
}

function isReplaced({ name, migration }: { name: string; migration: string }): boolean {
  const later = readdirSync(join(root, MIGRATIONS)).filter((each) => each > migration);
  return later.some((each) =>
    [...readText(join(MIGRATIONS, each)).matchAll(FUNCTION)].some(([, made]) => made === name),
  );
}

it('each planted bug has its patch, and each patch its test', () => {
  const patches = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith('.patch'));
  expect(patches.toSorted()).toEqual(mutants.map(({ name }) => `${name}.patch`));
  for (const { file, title } of mutants) {
    expect(existsSync(join(root, file)), file).toBe(true);
    const titles = testTitles({ path: file, text: readText(file) });
    expect(
      titles.some((each) => each.includes(title)),
      `${file}: ${title}`,
    ).toBe(true);
  }
});

it.skipIf(!hasGit())('each planted bug can still be planted', () => {
  const stale = mutants.filter(({ name }) => !applies(name)).map(({ name }) => `${name}.patch`);
  expect(
    complaint(stale, `The code has changed below these patches of ${FOLDER}; make them anew:`),
  ).toBe('');
});

it('no bug is planted in a function of the database that a later migration replaces', () => {
  const idle = mutants.filter(({ name }) =>
    changedFunctions(readText(`${FOLDER}/${name}.patch`)).some(isReplaced),
  );
  expect(
    complaint(
      idle.map(({ name }) => `${name}.patch`),
      `These patches of ${FOLDER} change what is replaced later, and so nothing:`,
    ),
  ).toBe('');
});
