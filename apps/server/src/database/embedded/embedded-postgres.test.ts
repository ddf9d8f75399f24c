import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, lstat, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from './embedded-postgres-error.js';
import { exists } from './folders.js';
import { identityOf } from './run-program.js';
import { canUse, chooseAccount, runsAsRoot, type SystemAccount } from './system-account.js';
import { readNotes, writeNote } from './testing/notes.js';
import { Sandbox } from './testing/sandbox.js';
import { SERVER_PROGRAM } from './testing/server-process.js';
import { waitUntil } from './wait-until.js';

/** Whom root's PostgreSQL runs as. */
const account = runsAsRoot() ? await chooseAccount() : undefined;
const unlessRoot = account === undefined ? ' (skipped: these tests do not run as root)' : '';
const unlessReachable = (await canRunAs(account))
  ? ''
  : ' (skipped: other users may not enter this checkout)';

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(async () => {
  await sandbox.clear();
}, 30_000);

describe('the embedded PostgreSQL', { timeout: 40_000 }, () => {
  describe('starts', () => {
    test.skipIf(unlessRoot !== '')(
      `as root, dropping to an unprivileged user${unlessRoot}`,
      async () => {
        const dataFolder = join(await sandbox.makeFolder(), 'data');
        const database = await sandbox.start(dataFolder);

        await writeNote(database.connection, 'kept');
        const { uid } = await stat(join(dataFolder, 'postgres'));
        expect(uid).toBe(account?.uid);

        await database.stop();
        const again = await sandbox.start(dataFolder);
        expect(await readNotes(again.connection)).toEqual(['kept']);
      },
    );

    test.skipIf(unlessReachable !== '')(`as a normal user${unlessReachable}`, async () => {
      const dataFolder = await sandbox.makeFolder();
      if (account !== undefined) await chown(dataFolder, account.uid, account.gid);
      const server = await sandbox.spawnServer(dataFolder, account);

      const { connection } = await server.waitFor('ready');
      await writeNote(connection, 'kept');
      const { uid } = await stat(join(dataFolder, 'postgres'));
      expect(uid).toBe(account?.uid ?? process.getuid?.());
      expect(await server.end('SIGTERM')).toBe(0);
    });

    test('in a folder whose path has 150 characters and spaces', async () => {
      const folder = await sandbox.makeFolder();
      const dataFolder =
        `${folder}/${"a folder with spaces and 'quotes' ".repeat(5)}`.slice(0, 149) + 'x';
      const database = await sandbox.start(dataFolder);

      await writeNote(database.connection, 'kept');
      await database.stop();
      const again = await sandbox.start(dataFolder);
      expect(await readNotes(again.connection)).toEqual(['kept']);
    });

    test.skipIf(unlessRoot !== '')(
      `as root with a data folder that only root can reach${unlessRoot}`,
      async () => {
        const dataFolder = join(await sandbox.makeFolder(0o700), 'data');
        const machine = { sharedFolder: join(await sandbox.makeFolder(), 'shared') };
        const database = await sandbox.start(dataFolder, { machine });

        await writeNote(database.connection, 'kept');
        expect((await lstat(join(dataFolder, 'postgres'))).isSymbolicLink()).toBe(true);
        expect(sandbox.messages.join('\n')).toContain(
          `cannot reach ${dataFolder}: PostgreSQL's data is in`,
        );

        await database.stop();
        const again = await sandbox.start(dataFolder, { machine });
        expect(await readNotes(again.connection)).toEqual(['kept']);
      },
    );

    test('over loopback with a password, where sockets do not work', async () => {
      const dataFolder = await sandbox.makeFolder();
      const machine = { transport: 'loopback' } as const;
      const database = await sandbox.start(dataFolder, { machine });

      await writeNote(database.connection, 'kept');
      expect(database.connection.host).toBe('127.0.0.1');
      const stranger = new Client({ ...database.connection, password: 'guessed' });
      await expect(stranger.connect()).rejects.toThrow('password authentication failed');

      await database.stop();
      const again = await sandbox.start(dataFolder, { machine });
      expect(await readNotes(again.connection)).toEqual(['kept']);
    });

    test('durable, with checksums, in a locale that knows letters, and closed to the network', async () => {
      const { connection } = await sandbox.start(await sandbox.makeFolder());
      const client = new Client(connection);
      await client.connect();
      const { rows } = await client.query(
        `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
           current_setting('synchronous_commit') AS synchronous_commit, current_setting('data_checksums') AS checksums,
           current_setting('server_encoding') AS encoding, lower('ÀÉ') AS lower,
           current_setting('listen_addresses') AS addresses`,
      );
      await client.end();

      expect(rows).toEqual([
        {
          fsync: 'on',
          full_page_writes: 'on',
          synchronous_commit: 'on',
          checksums: 'on',
          encoding: 'UTF8',
          lower: 'àé',
          addresses: '',
        },
      ]);
      expect((await stat(connection.host)).mode & 0o777).toBe(0o700);
    });

    test('after a kill in the middle of making the database', async () => {
      const dataFolder = await sandbox.makeFolder();
      const server = await sandbox.spawnServer(dataFolder);
      const begun = await waitUntil(
        async () => (await unfinishedIn(dataFolder)).includes('PG_VERSION'),
        {
          timeoutMs: 20_000,
          everyMs: 1,
        },
      );
      await server.end('SIGKILL');
      expect(begun).toBe(true);
      expect(await exists(join(dataFolder, 'postgres'))).toBe(false);

      const database = await sandbox.start(dataFolder);
      await writeNote(database.connection, 'kept');
      expect((await readdir(dataFolder)).filter((entry) => entry.includes('new'))).toEqual([]);
    });

    test('although the process id of its predecessor now belongs to another program', async () => {
      const dataFolder = await sandbox.makeFolder();
      await (await sandbox.start(dataFolder)).stop();
      const innocent = spawn('/bin/sleep', ['60'], { ...identityOf(account), stdio: 'ignore' });
      try {
        await once(innocent, 'spawn');
        await writeFile(
          join(dataFolder, 'postgres', 'postmaster.pid'),
          `${innocent.pid}\n${dataFolder}/postgres\n`,
        );

        await sandbox.start(dataFolder);
        expect(innocent.exitCode ?? innocent.signalCode).toBeNull();
      } finally {
        innocent.kill('SIGKILL');
      }
    });
  });

  describe('refuses', () => {
    test('a data folder that a living server uses, and that server goes on', async () => {
      const dataFolder = await sandbox.makeFolder();
      const first = await sandbox.spawnServer(dataFolder);
      const { connection } = await first.waitFor('ready');
      const second = await sandbox.spawnServer(dataFolder);

      const { message } = await second.waitFor('refused');
      expect(message).toContain(dataFolder);
      expect(message).toContain(`process ${first.processId}`);
      expect(await second.exited).toBe(1);
      await writeNote(connection, 'still here');
      expect(await readNotes(connection)).toEqual(['still here']);
    });

    test('a second start in the same process', async () => {
      const dataFolder = await sandbox.makeFolder();
      const { connection } = await sandbox.start(dataFolder);

      await expect(sandbox.start(dataFolder)).rejects.toThrow(`process ${process.pid}`);
      await writeNote(connection, 'still here');
      const third = await sandbox.spawnServer(dataFolder);
      expect((await third.waitFor('refused')).message).toContain(`process ${process.pid}`);
    });

    test('all but one of several servers that race for the folder of a killed one', async () => {
      const dataFolder = await sandbox.makeFolder();
      const killed = await sandbox.spawnServer(dataFolder);
      await writeNote((await killed.waitFor('ready')).connection, 'kept');
      await killed.end('SIGKILL');

      const racers = await Promise.all([1, 2, 3].map(() => sandbox.spawnServer(dataFolder)));
      const outcomes = await Promise.all(racers.map((racer) => racer.waitFor('ready', 'refused')));

      const [winner, ...others] = racers.filter((_, index) => outcomes[index]?.event === 'ready');
      if (winner === undefined) throw new Error('nobody won');
      expect(others).toEqual([]);
      const refusals = outcomes.filter((outcome) => outcome.event === 'refused');
      expect(refusals).toHaveLength(2);
      for (const { message } of refusals) expect(message).toContain(`process ${winner.processId}`);
      const { connection } = await winner.waitFor('ready');
      expect(await readNotes(connection)).toEqual(['kept']);
    });

    test('a database that another major version made', async () => {
      const dataFolder = await sandbox.makeFolder();
      await mkdir(join(dataFolder, 'postgres'), { mode: 0o700 });
      await writeFile(join(dataFolder, 'postgres', 'PG_VERSION'), '12\n');

      await expect(sandbox.start(dataFolder)).rejects.toThrow(
        /PostgreSQL 12 made it, and this is \d+; dump it/,
      );
    });

    test('a folder "postgres" that is something else', async () => {
      const dataFolder = await sandbox.makeFolder();
      await mkdir(join(dataFolder, 'postgres'));
      await writeFile(join(dataFolder, 'postgres', 'holiday.jpg'), '');

      await expect(sandbox.start(dataFolder)).rejects.toThrow(
        'it holds something, but not a database',
      );
    });

    test('settings that PostgreSQL does not understand, showing its log', async () => {
      const started = sandbox.start(await sandbox.makeFolder(), {
        settings: { shared_buffers: 'plenty' },
      });

      await expect(started).rejects.toThrow(
        'invalid value for parameter "shared_buffers": "plenty"',
      );
    });
  });
});

/** Whether a process of that user could load this checkout's code and the Node that runs it. */
async function canRunAs(user: SystemAccount | undefined): Promise<boolean> {
  if (user === undefined) return true;
  return (
    (await canUse(user, dirname(process.execPath), 'enter')) &&
    canUse(user, dirname(SERVER_PROGRAM), 'enter')
  );
}

/** The files of a cluster that is being made. */
async function unfinishedIn(dataFolder: string): Promise<string[]> {
  try {
    const staging = (await readdir(dataFolder)).find((entry) => entry.startsWith('postgres.new-'));
    return staging === undefined ? [] : await readdir(join(dataFolder, staging));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
