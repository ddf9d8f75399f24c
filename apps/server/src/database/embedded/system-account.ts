import { readFile } from 'node:fs/promises';
import { EmbeddedPostgresError, hasCode } from './embedded-postgres-error.js';
import { runProgram } from './run-program.js';

/** An operating system user that PostgreSQL runs as, because it refuses to run as root. */
export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const PREFERRED_NAMES = ['postgres', 'nobody'];

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The account to drop to for a new database. Only root calls it. */
export async function chooseAccount(): Promise<SystemAccount> {
  const accounts = await readAccounts();
  for (const name of PREFERRED_NAMES) {
    const account = accounts.find((candidate) => candidate.name === name && candidate.uid > 0);
    if (account !== undefined) return account;
  }
  throw new EmbeddedPostgresError(
    'unable to run PostgreSQL as root, which it refuses, and this system has neither a user "postgres" nor "nobody"; ' +
      'add one (useradd --system postgres), start Natter as a normal user, or set DATABASE_URL',
  );
}

/** The account behind the owner of an existing database; it needs no entry in the system's list of users. */
export async function accountOf(owner: { uid: number; gid: number }): Promise<SystemAccount> {
  const accounts = await readAccounts();
  const known = accounts.find((candidate) => candidate.uid === owner.uid);
  return known ?? { name: String(owner.uid), uid: owner.uid, gid: owner.gid };
}

/** Root may lack the right to become another user, as in a container without its usual capabilities. */
export async function ensureCanBecome(account: SystemAccount): Promise<void> {
  const { succeeded, output } = await runProgram('/bin/sh', ['-c', ':'], { account });
  if (succeeded) return;
  throw new EmbeddedPostgresError(
    `unable to run PostgreSQL as user "${account.name}" (${output}), and it refuses to run as root; start Natter as a ` +
      'normal user, or set DATABASE_URL',
  );
}

/** Asked by trying it as that user, since mode bits alone do not tell (access lists, mount options, containers). */
export async function canUse(
  account: SystemAccount,
  folder: string,
  access: 'enter' | 'write',
): Promise<boolean> {
  const script = access === 'write' ? 'cd -- "$1" && test -w .' : 'cd -- "$1"';
  const { succeeded } = await runProgram('/bin/sh', ['-c', script, 'sh', folder], { account });
  return succeeded;
}

async function readAccounts(): Promise<SystemAccount[]> {
  try {
    const text = await readFile('/etc/passwd', 'utf8');
    return text.split('\n').flatMap(parseAccount);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function parseAccount(line: string): SystemAccount[] {
  const [name, , uid, gid] = line.split(':');
  if (!name || !uid || !gid || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return [];
  return [{ name, uid: Number(uid), gid: Number(gid) }];
}
