import { parseArgs } from 'node:util';
import { check } from './check.js';
import { reportOf } from './report.js';

const usage = `Usage: npm run replay:check -- --ledgers DIR [options]

Judges a replay by its ledgers, its source file and what a new device sees. Exit status 0 only where nothing is wrong.

  --ledgers DIR   the folder that the replay named
  --url URL       where Natter answers now (default: as during the replay)
  --file FILE     the source file (default: as during the replay)
  --help          this text
`;

const USAGE_STATUS = 2;
const flags = {
  ledgers: { type: 'string' },
  url: { type: 'string' },
  file: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

/** Where the program writes; `process` is one. */
export interface Output {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The whole program; resolves with its exit status. */
export async function runCheck(
  args: readonly string[],
  { stdout, stderr }: Output,
): Promise<number> {
  const values = read(args);
  if ('help' in values && values.help) {
    stdout.write(usage);
    return 0;
  }
  if ('problem' in values || values.ledgers === undefined) {
    stderr.write(`${'problem' in values ? values.problem : '--ledgers is required'}\n\n${usage}`);
    return USAGE_STATUS;
  }
  try {
    const result = await check({ ...values, ledgers: values.ledgers });
    stdout.write(reportOf(result));
    return result.findings.length === 0 ? 0 : 1;
  } catch (error) {
    stderr.write(`Unable to check: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
