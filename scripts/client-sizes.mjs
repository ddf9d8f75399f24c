// Prints what each entry point of the SDK costs a browser, minified and compressed, and fails where that is too much.
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const KIB = 1024;
/** Bytes; what an entry point needs of the core is not counted twice. */
const gates = [
  { entry: '@natter/client', most: 30 * KIB },
  { entry: '@natter/client/react', most: 6 * KIB, external: [/^react/], without: '@natter/client' },
  // With what lets tabs share one client.
  { entry: '@natter/client/indexeddb', most: 6 * KIB, without: '@natter/client' },
  { entry: '@natter/client/uploads', most: 20 * KIB, without: '@natter/client' },
];

/** What an application's bundler adds to load its chunks is not ours. */
const PRELOAD = 'vite/preload-helper';
const NO_PRELOAD = 'export const __vitePreload = (load) => load();';

async function sizeOf(source, external = []) {
  const name = 'virtual:entry';
  const result = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === name ? id : undefined),
        load: (id) => (id === name ? source : id.includes(PRELOAD) ? NO_PRELOAD : undefined),
      },
    ],
    build: {
      write: false,
      minify: true,
      modulePreload: false,
      target: 'es2022',
      rolldownOptions: { input: name, external, preserveEntrySignatures: 'strict' },
    },
  });
  // What is loaded only where it is needed is no part of what everybody loads.
  const first = result.output.filter(({ isDynamicEntry }) => !isDynamicEntry);
  const code = first.map((chunk) => chunk.code ?? '').join('');
  return gzipSync(code, { level: 9 }).length;
}

let isTooMuch = false;
for (const { entry, most, external, without } of gates) {
  const all = `export * from '${entry}';`;
  const rest = without && `export * from '${without}';`;
  const size = without
    ? (await sizeOf(`${all}${rest}`, external)) - (await sizeOf(rest, external))
    : await sizeOf(
        entry === '@natter/client' ? `export { createChatClient } from '${entry}';` : all,
        external,
      );
  const verdict = size > most ? 'TOO MUCH' : 'ok';
  if (size > most) isTooMuch = true;
  process.stdout.write(
    `${entry.padEnd(28)}${(size / KIB).toFixed(1).padStart(6)} KiB gz of ${most / KIB}  ${verdict}\n`,
  );
}
process.exitCode = isTooMuch ? 1 : 0;
