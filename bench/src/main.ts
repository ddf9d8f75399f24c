import { writeFile } from 'node:fs/promises';
import { type RunFile, summarize } from './documents/summary.js';
import { writeDocuments } from './documents/write-documents.js';
import { readOptions, USAGE, UsageError } from './options.js';
import { Resources } from './processes/resources.js';
import { lastLogLines, makeTemporaryFolder } from './processes/temporary-folder.js';
import { describeGoals } from './report/goals.js';
import { run } from './run.js';

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
    const summary = summarize(options.plan.name, figures);
    process.stdout.write(summary.text + describeGoals(summary.goals));
    if (options.jsonFile !== undefined) {
      const file: RunFile = { summary, figures };
      await writeFile(options.jsonFile, `${JSON.stringify(file, undefined, 2)}\n`);
    }
    const isMissed = summary.goals.some(({ verdict }) => verdict === 'missed');
    if (!summary.valid || isMissed) process.exitCode = 1;
  } catch (error) {
    if (resources.ending) return;
    process.stderr.write(`\n${await lastLogLines(folder)}\n`);
    throw error;
  }
}

async function main(): Promise<void> {
  const { help, folder: parent, documented } = readOptions(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  if (documented.length > 0) {
    await writeDocuments(documented);
    return;
  }
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
