// Writes the reference of the SDK to docs/api/client; with --check, fails where it is not that of the sources.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, ReflectionKind } from 'typedoc';

const root = fileURLToPath(new URL('../..', import.meta.url));
const client = join(root, 'packages/client');
const target = join(root, 'docs/api/client');
const entries = ['index', 'react/index', 'indexeddb/index', 'node/index', 'testing/index'];

function isOfZod({ type }, name) {
  return type?.type === 'reference' && name.test(type.name);
}

/** What a schema gives, in place of that it is what the schema gives. */
function shapeOf(context, reflection) {
  const symbol = context.getSymbolFromReflection(reflection);
  if (!symbol) return reflection.type;
  const declared = context.checker.getDeclaredTypeOfSymbol(symbol);
  const { aliasSymbol } = declared;
  // With its alias it would be a reference to itself.
  declared.aliasSymbol = undefined;
  const scope = context.withScope(reflection.parent).withScope(reflection);
  const shape = context.converter.convertType(scope, declared);
  declared.aliasSymbol = aliasSymbol;
  return shape;
}

/** The wire's types are what schemas give, with which they share their names; the SDK does not export those. */
function describeWire(context) {
  context.setActiveProgram(context.programs[0]);
  for (const reflection of context.project.getReflectionsByKind(ReflectionKind.TypeAlias)) {
    if (isOfZod(reflection, /^\$?Zod/)) context.project.removeReflection(reflection);
    else if (isOfZod(reflection, /\boutput$/)) reflection.type = shapeOf(context, reflection);
  }
  context.setActiveProgram(undefined);
}

async function write(folder) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: folder }],
    entryPoints: entries.map((entry) => join(client, `src/${entry}.ts`)),
    tsconfig: join(client, 'tsconfig.json'),
    name: '@natter/client',
    readme: 'none',
    outputFileStrategy: 'members',
    // Lines and revisions change with every commit.
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    validation: false,
    logLevel: 'Warn',
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, describeWire);
  const project = await app.convert();
  if (!project || app.logger.hasErrors()) throw new Error('The sources could not be read');
  await app.generateOutputs(project);
}

async function filesOf(folder) {
  const entriesBelow = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  const paths = entriesBelow
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return new Map(paths.map((path, index) => [path.slice(folder.length + 1), texts[index]]));
}

async function stale() {
  const folder = await mkdtemp(join(tmpdir(), 'natter-api-'));
  try {
    await write(folder);
    const [wanted, there] = [await filesOf(folder), await filesOf(target)];
    return [...new Set([...wanted.keys(), ...there.keys()])].filter(
      (path) => wanted.get(path) !== there.get(path),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv.includes('--check')) {
  const paths = await stale();
  if (paths.length > 0) {
    const list = paths.map((path) => `  docs/api/client/${path}\n`).join('');
    process.stderr.write(`Not up to date; run: npm run gen\n${list}`);
    process.exitCode = 1;
  }
} else {
  await rm(target, { recursive: true, force: true });
  await write(target);
}
