import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readOptions, usage } from './replay/options.js';
import { Progress } from './replay/progress.js';
import { replay } from './replay/replay.js';

const USAGE_STATUS = 2;
const CHECKER = fileURLToPath(new URL('./check-main.js', import.meta.url));

/** Resolves with the checker's exit status. It is a process of its own: it knows what the ledgers hold, no more. */
async function check(ledgers: string): Promise<number> {
  const checker = spawn(process.execPath, [CHECKER, '--ledgers', ledgers], { stdio: 'inherit' });
  const [status]: unknown[] = await once(checker, 'exit');
  return typeof status === 'number' ? status : 1;
}

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
  return check(await replay(read.options, new Progress(process.stderr)));
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
