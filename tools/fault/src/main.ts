import { readOptions, usage } from './options.js';
import { runFault } from './run.js';

const USAGE_STATUS = 2;

async function main(): Promise<number> {
  const read = readOptions(process.argv.slice(2));
  if ('help' in read) {
    process.stdout.write(usage);
    return 0;
  }
  if ('problem' in read) {
    process.stderr.write(`${read.problem}\n\n${usage}`);
    return USAGE_STATUS;
  }
  const { isWell, report } = await runFault(read.options, (line) =>
    process.stderr.write(`${line}\n`),
  );
  process.stdout.write(report);
  return isWell ? 0 : 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
