import { writeFile } from 'node:fs/promises';
import { readOptions, USAGE, UsageError } from './options.js';
import { Resources } from './processes/resources.js';
import { lastLogLines, makeTemporaryFolder } from './processes/temporary-folder.js';
import { run } from './run.js';
import { isValid, report } from './report.js';

const EXIT_USAGE = 2;
/** What a shell reports of a program that a signal ended: 128 and the signal's number. */
const EXIT_BY = { SIGINT: 130, SIGTERM: 143 } as const;

const resources = new Resources();

function endBySignal(signal: keyof typeof EXIT_BY): void {
  process.stderr.write(`stopping on ${signal}\n`);
  void resources.release().finally(() => process.exit(EXIT_BY[signal]));
}

async function runWithin(folder: string): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  try {
    const figures = await run(options, folder, resources);
    process.stdout.write(report(figures));
    if (options.jsonFile !== undefined) {
      await writeFile(options.jsonFile, `${JSON.stringify(figures, undefined, 2)}\n`);
    }
    if (!isValid(figures)) process.exitCode = 1;
  } catch (error) {
    if (resources.ending) return;
    process.stderr.write(`\n${await lastLogLines(folder)}\n`);
    throw error;
  }
}

async function main(): Promise<void> {
  const { folder: parent } = readOptions(process.argv.slice(2));
  if (process.platform !== 'linux') {
    throw new UsageError('The benchmark reads /proc, so it needs Linux');
  }
  process.once('SIGINT', () => endBySignal('SIGINT'));
  process.once('SIGTERM', () => endBySignal('SIGTERM'));
  try {
    await runWithin(await makeTemporaryFolder(parent, resources));
  } finally {
    await resources.release();
  }
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
});
