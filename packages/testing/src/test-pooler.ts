import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from './child-server.js';

/** Whether this machine has a pgbouncer to test with; in Debian it is `apt-get install pgbouncer`. */
export function hasPooler(): boolean {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A pgbouncer in transaction mode before one database. */
export class TestPooler {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** The database as it is reached through the pooler. */
    readonly url: string,
  ) {}

  /** @param connections To the database; queries of more clients wait for one of them. */
  static async start(databaseUrl: string, connections: number): Promise<TestPooler> {
    const { username, hostname, port, pathname, searchParams } = new URL(databaseUrl);
    const database = pathname.slice(1);
    const folder = await mkdtemp(join(tmpdir(), 'natter-pooler-'));
    await chmod(folder, 0o755);
    const listens = await freePort();
    const host = searchParams.get('host') ?? hostname;
    const users = join(folder, 'users.txt');
    const settings = [
      '[databases]',
      `${database} = host=${host} port=${searchParams.get('port') ?? (port || '5432')} dbname=${database}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${listens}`,
      'unix_socket_dir =',
      'auth_type = trust',
      `auth_file = ${users}`,
      'pool_mode = transaction',
      `default_pool_size = ${connections}`,
    ];
    await writeFile(users, `"${username}" ""\n`);
    await writeFile(join(folder, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
    // It refuses to run as root.
    const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
    const child = spawn('pgbouncer', [...user, join(folder, 'pgbouncer.ini')], { stdio: 'ignore' });
    while (!(await isListening(listens))) await setTimeout(20);
    return new TestPooler(child, folder, `postgres://${username}@127.0.0.1:${listens}/${database}`);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
