import { execFile, execFileSync } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);
const DEBIAN_VERSIONS = '/usr/lib/postgresql';
const PRIMARY_PORT = 1;
const STANDBY_PORT = 2;

/** Where Debian's packages `postgresql` have the programs of their newest version; absent where there are none. */
export async function findPostgres(): Promise<string | undefined> {
  try {
    const versions = (await readdir(DEBIAN_VERSIONS)).toSorted((a, b) => Number(a) - Number(b));
    const newest = versions.at(-1);
    return newest === undefined ? undefined : join(DEBIAN_VERSIONS, newest, 'bin');
  } catch {
    return undefined;
  }
}

/** PostgreSQL refuses to run as root. */
function asPostgres(program: string, parameters: string[]): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, parameters];
  const user = ['--reuid=postgres', '--regid=postgres', '--clear-groups'];
  return ['setpriv', [...user, program, ...parameters]];
}

/** A primary and a synchronous standby of it, on sockets in a folder of their own. */
export class PostgresPair {
  private constructor(
    private readonly bin: string,
    private readonly folder: string,
  ) {}

  static async start(bin: string): Promise<PostgresPair> {
    const folder = await mkdtemp(join(tmpdir(), 'natter-pair-'));
    if (process.getuid?.() === 0) {
      const [uid, gid] = ['-u', '-g'].map((flag) =>
        Number(execFileSync('id', [flag, 'postgres']).toString()),
      );
      await chown(folder, uid ?? 0, gid ?? 0);
    }
    await chmod(folder, 0o700);
    const pair = new PostgresPair(bin, folder);
    await pair.program('initdb', ['-D', join(folder, 'primary'), '-U', 'natter', '--auth=trust']);
    await pair.startServer('primary', PRIMARY_PORT);
    const from = ['-h', folder, '-p', String(PRIMARY_PORT), '-U', 'natter'];
    await pair.program('pg_basebackup', [
      '-D',
      join(folder, 'standby'),
      '-R',
      '-X',
      'stream',
      ...from,
    ]);
    await pair.startServer('standby', STANDBY_PORT);
    await pair.query(PRIMARY_PORT, `alter system set synchronous_standby_names = '*'`);
    await pair.query(PRIMARY_PORT, 'select pg_reload_conf()');
    await pair.query(PRIMARY_PORT, 'create database natter');
    return pair;
  }

  get primaryUrl(): string {
    return this.urlOf(PRIMARY_PORT, 'natter');
  }

  get standbyUrl(): string {
    return this.urlOf(STANDBY_PORT, 'natter');
  }

  /** Ends the primary as a crash does, and makes a primary of the standby. */
  async failOver(): Promise<void> {
    await this.stopServer('primary');
    await this.query(STANDBY_PORT, `alter system set synchronous_standby_names = ''`);
    await this.query(STANDBY_PORT, 'select pg_promote()');
  }

  async dispose(): Promise<void> {
    for (const name of ['primary', 'standby']) await this.stopServer(name).catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  private urlOf(port: number, database: string): string {
    return `postgres://natter@localhost/${database}?host=${encodeURIComponent(this.folder)}&port=${port}`;
  }

  private async startServer(name: string, port: number): Promise<void> {
    const settings = `-k ${this.folder} -p ${port} -c listen_addresses='' -c max_connections=100`;
    const data = join(this.folder, name);
    await this.program('pg_ctl', ['-D', data, '-w', '-l', `${data}.log`, '-o', settings, 'start']);
  }

  private stopServer(name: string): Promise<unknown> {
    return this.program('pg_ctl', ['-D', join(this.folder, name), '-m', 'immediate', 'stop']);
  }

  private program(name: string, parameters: string[]): Promise<unknown> {
    return run(...asPostgres(join(this.bin, name), parameters));
  }

  private async query(port: number, statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.urlOf(port, 'postgres') });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}
