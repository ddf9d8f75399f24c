import { fileURLToPath } from 'node:url';
import { staleDocuments, writeDocuments } from './generate.js';

// The root of the repository, from the sources as from what they are compiled to.
const root = fileURLToPath(new URL('../../../..', import.meta.url));

if (process.argv.includes('--check')) {
  const stale = await staleDocuments(root);
  if (stale.length > 0) {
    process.stderr.write(
      `Not up to date; run: npm run gen\n${stale.map((path) => `  ${path}\n`).join('')}`,
    );
    process.exitCode = 1;
  }
} else {
  const written = await writeDocuments(root);
  process.stdout.write(
    written.length > 0 ? `Wrote ${written.join(', ')}\n` : 'Everything is up to date\n',
  );
}
