import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const NOT_OURS = new Set(['node_modules', 'dist']);

function pathsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : pathsBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The TypeScript files below folders of the repository; of those that are not there, none. */
export function sourcesBelow(...folders: string[]): Source[] {
  return folders
    .filter((folder) => statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory())
    .flatMap(pathsBelow)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => ({ path, text: readText(path) }));
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Tests and what only tests use. */
export function isForTests({ path }: Source): boolean {
  return /\.test\.tsx?$|\/testing\/|^tests\/|^packages\/testing\//.test(path);
}

/** The code without its comments, so that a comment may speak of what code may not do. */
export function codeOf({ text }: Source): string {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '').replaceAll(/(?<=^|\s)\/\/ .*$/gm, '');
}

export interface Import {
  readonly specifier: string;
  /** It is gone when the code runs. */
  readonly typeOnly: boolean;
}

const IMPORT =
  /(?<![\w.$/])(?:import|export)\s*(?:(?<type>type\s)?\s*(?<names>[\w\s{},*$]*?)\s*from\s*)?['"](?<from>[^'"]+)['"]/g;
const DYNAMIC_IMPORT = /(?<![\w.$])(?:import|require)\s*\(\s*['"](?<from>[^'"]+)['"]/g;

function namesTypesOnly(names: string | undefined): boolean {
  const listed = /^\{(.*)\}$/s.exec(names?.trim() ?? '')?.[1];
  if (listed === undefined) return false;
  const each = listed.split(',').map((name) => name.trim());
  return each.filter(Boolean).every((name) => name.startsWith('type '));
}

/** Everything that a file imports or exports on. */
export function importsOf(source: Source): Import[] {
  const code = codeOf(source);
  const declared = [...code.matchAll(IMPORT)].map(({ groups }) => ({
    specifier: groups?.['from'] ?? '',
    typeOnly: groups?.['type'] !== undefined || namesTypesOnly(groups?.['names']),
  }));
  const dynamic = [...code.matchAll(DYNAMIC_IMPORT)].map(({ groups }) => ({
    specifier: groups?.['from'] ?? '',
    typeOnly: false,
  }));
  return [...declared, ...dynamic];
}

/** The index after the bracket that closes the one at `start`; strings in between may hold any bracket. */
function afterBrackets(code: string, start: number): number {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[()]/gs;
  token.lastIndex = start;
  let depth = 0;
  for (let found = token.exec(code); found; found = token.exec(code)) {
    if (found[0] === '(') depth += 1;
    if (found[0] === ')') depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return code.length;
}

const TEST = /(?<![\w.$])(?:it|test)(?<modifiers>(?:\.\w+)*)(?=\()/g;
const TITLE = /\(\s*(?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>)[^\\])*)/sy;

/** The titles of the tests that run, with the placeholders of `each` as they are written. */
export function testTitles(source: Source): string[] {
  const code = codeOf(source);
  return [...code.matchAll(TEST)].flatMap((found) => {
    const modifiers = found.groups?.['modifiers'] ?? '';
    if (/\.(skip|todo)\b/.test(modifiers)) return [];
    const opening = found.index + found[0].length;
    const takesCases = /\.(each|for|skipIf|runIf)\b/.test(modifiers);
    TITLE.lastIndex = takesCases ? afterBrackets(code, opening) : opening;
    const title = TITLE.exec(code)?.groups?.['title'];
    return title === undefined ? [] : [title];
  });
}
