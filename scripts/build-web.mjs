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

if (!isFresh()) {
  process.stdout.write('Building the web client ...\n');
  const vite = ['exec', '--no', '--', 'vite', 'build', '--logLevel', 'warn'];
  const { status } = spawnSync('npm', vite, { cwd: web, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const built = filesBelow(join(web, 'dist')).filter((file) => PACKED.test(file));
  for (const file of built.toSorted((a, b) => a.endsWith('index.html') - b.endsWith('index.html')))
    pack(file);
}
