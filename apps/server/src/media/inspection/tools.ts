import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { watchProcess } from './watch-process.js';

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
/** For what a tool says of itself and of a file. */
const MOST_OUTPUT_BYTES = 1_000_000;

export interface ToolLimits {
  readonly timeoutMs: number;
  /** Resident. */
  readonly memoryBytes: number;
}

/** A tool failed, was killed for taking too long or too much, or said too much. */
export class ToolFailure extends Error {}

/** The path of a program, in the given folder or where programs usually are; `undefined` where it is not installed. */
export async function findTool(
  name: string,
  folder: string | undefined,
): Promise<string | undefined> {
  for (const path of (folder === undefined ? FOLDERS : [folder]).map((each) => join(each, name))) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Then perhaps in the next one.
    }
  }
  return undefined;
}

/**
 * Runs a program without a shell, without our environment and within limits.
 *
 * @param take Gets what it writes to its output, chunk by chunk.
 * @throws {ToolFailure}
 */
export async function runTool(
  path: string,
  args: readonly string[],
  limits: ToolLimits,
  take: (chunk: Buffer) => void,
): Promise<void> {
  const child = spawn(path, args, {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: limits.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const unwatch = watchProcess(child, limits, () => child.kill('SIGKILL'));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stdout.on('data', take);
  child.once('error', (error) => reject(new ToolFailure(error.message)));
  child.once('close', (code, signal) => {
    if (code === 0) resolve();
    else reject(new ToolFailure(`it ended with ${signal ?? `status ${code}`}`));
  });
  try {
    await promise;
  } finally {
    unwatch();
  }
}

/** What a program writes to its output, as text. */
export async function outputOf(
  path: string,
  args: readonly string[],
  limits: ToolLimits,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  await runTool(path, args, limits, (chunk) => {
    size += chunk.length;
    if (size <= MOST_OUTPUT_BYTES) chunks.push(chunk);
  });
  if (size > MOST_OUTPUT_BYTES) throw new ToolFailure('it wrote too much');
  return Buffer.concat(chunks).toString('utf8');
}
