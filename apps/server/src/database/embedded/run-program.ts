import { spawn } from 'node:child_process';

/** The operating system user that a program runs as. */
export interface ProgramAccount {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramResult {
  readonly succeeded: boolean;
  /** Both output streams, trimmed; when the program could not be started at all, the reason. */
  readonly output: string;
}

/**
 * The whole environment of every program that we start: nothing of ours leaks to them (secrets, `PGDATA`), and their
 * messages come in English, because we look for some of them.
 */
export const programEnvironment: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Spawn options that make the child another operating system user; an account can only be given by root. */
export function identityOf(account: ProgramAccount | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** Runs a program to its end, as `account` where given. Never rejects: a failure is a result. */
export async function runProgram(
  file: string,
  args: readonly string[],
  { account, timeoutMs = 30_000 }: { account?: ProgramAccount; timeoutMs?: number } = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      // The unprivileged account may not be allowed into our own working folder.
      cwd: '/',
      env: programEnvironment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...identityOf(account),
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ succeeded: false, output: error.message }));
    child.once('close', (code, signal) => {
      const ending = signal === null ? '' : `\n(ended by ${signal})`;
      resolve({ succeeded: code === 0, output: `${output.trim()}${ending}` });
    });
  });
}
