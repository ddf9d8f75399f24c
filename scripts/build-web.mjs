// Builds the web client where it is missing or older than what it is made of, and packs its files for slow lines.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const web = join(root, 'apps/web');
/** Written last. */
const packedPage = join(web, 'dist/index.html.gz');
const sources = [
  'apps/web/src',
  'apps/web/public',
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'packages/client/src',
  'packages/protocol/src',
  'package-lock.json',
];
/** What comes before anything can be seen, packed; a connection of the slow kind takes four seconds for it. */
const MOST_FIRST_BYTES = 200 * 1024;
const PACKED = /\.(js|css|html|json|svg|webmanifest)$/;

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesBelow(join(path, name)));
}

function isFresh() {
  const built = statSync(packedPage, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = sources.flatMap((source) => filesBelow(join(root, source)));
  return files.every((file) => statSync(file).mtimeMs <= built);
}

/** Beside each file, as the server hands them out. */
function pack(file) {
  const content = readFileSync(file);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: quality }));
  writeFileSync(`${file}.gz`, gzipSync(content));
}

/** The scripts and styles that the page names itself, and how large they are packed. */
function firstLoad() {
  const html = readFileSync(join(web, 'dist/index.html'), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)];
  return files.reduce((sum, [, file]) => sum + statSync(join(web, 'dist', `${file}.gz`)).size, 0);
}

if (!isFresh()) {
  process.stdout.write('Building the web client ...\n');
  const vite = ['exec', '--no', '--', 'vite', 'build', '--logLevel', 'warn'];
  const { status } = spawnSync('npm', vite, { cwd: web, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const built = filesBelow(join(web, 'dist')).filter((file) => PACKED.test(file));
  for (const file of built.toSorted((a, b) => a.endsWith('index.html') - b.endsWith('index.html')))
    pack(file);
}

const bytes = firstLoad();
if (process.argv.includes('--report') || bytes > MOST_FIRST_BYTES) {
  const kib = (size) => (size / 1024).toFixed(1);
  process.stdout.write(
    `First load of the web client: ${kib(bytes)} of at most ${kib(MOST_FIRST_BYTES)} KiB packed\n`,
  );
}
if (process.argv.includes('--report') && bytes > MOST_FIRST_BYTES) process.exitCode = 1;
