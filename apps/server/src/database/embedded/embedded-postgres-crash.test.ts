import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exists } from './folders.js';
import { isPostmasterOf } from './processes.js';
import { keepBusy, readNotes, writeNote } from './testing/notes.js';
import { processesIn } from './testing/processes-in.js';
import { Sandbox } from './testing/sandbox.js';
import { waitUntil } from './wait-until.js';

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
});

afterEach(async () => {
  await sandbox.clear();
}, 30_000);

describe('the embedded PostgreSQL', { timeout: 40_000 }, () => {
  describe('keeps committed rows', () => {
    test('after kill -9 of the server, whose PostgreSQL the next start ends', async () => {
      const dataFolder = await sandbox.makeFolder();
      const server = await sandbox.spawnServer(dataFolder);
      const { connection, processId } = await server.waitFor('ready');
      await writeNote(connection, 'kept');
      await server.end('SIGKILL');
      const cluster = join(dataFolder, 'postgres');
      expect(await isPostmasterOf(processId, cluster)).toBe(true);

      const database = await sandbox.start(dataFolder);
      expect(await isPostmasterOf(processId, cluster)).toBe(false);
      expect(await readNotes(database.connection)).toEqual(['kept']);
    });

    test("after kill -9 of the server's process group, which PostgreSQL is not in", async () => {
      const dataFolder = await sandbox.makeFolder();
      const server = await sandbox.spawnServer(dataFolder);
      const { connection, processId } = await server.waitFor('ready');
      await writeNote(connection, 'kept');
      await server.end('SIGKILL', 'group');
      expect(await isPostmasterOf(processId, join(dataFolder, 'postgres'))).toBe(true);

      const database = await sandbox.start(dataFolder);
      expect(await readNotes(database.connection)).toEqual(['kept']);
    });

    test('after kill -9 of server and PostgreSQL, while a query still runs on', async () => {
      const dataFolder = await sandbox.makeFolder();
      const server = await sandbox.spawnServer(dataFolder);
      const { connection, processId } = await server.waitFor('ready');
      await writeNote(connection, 'kept');
      await keepBusy(connection, 1_500);
      await server.end('SIGKILL', 'group');
      process.kill(processId, 'SIGKILL');

      const database = await sandbox.start(dataFolder);
      expect(sandbox.messages).toContain(
        'waiting for the last processes of a PostgreSQL that was killed',
      );
      expect(await readNotes(database.connection)).toEqual(['kept']);
    });

    test('after kill -9 of PostgreSQL alone, which comes back for the same pool', async () => {
      const database = await sandbox.start(await sandbox.makeFolder());
      const reasons: string[] = [];
      database.onUnexpectedExit((reason) => reasons.push(reason));
      database.onUnexpectedExit(() => {
        throw new Error('a broken listener');
      });
      await writeNote(database.connection, 'kept');
      const pool = new Pool(database.connection);
      pool.on('error', () => {});
      await pool.query('SELECT 1');

      const killed = database.processId;
      process.kill(killed, 'SIGKILL');
      const back = await waitUntil(() => answersBy(pool, killed, database), { timeoutMs: 20_000 });

      expect(back).toBe(true);
      expect(reasons).toEqual([`PostgreSQL (process ${killed}) was ended by SIGKILL`]);
      expect(await readNotes(database.connection)).toEqual(['kept']);
      await pool.end();
    });
  });

  describe('stops', () => {
    test('with its server on SIGTERM to the whole group, cleanly and leaving no process', async () => {
      const dataFolder = await sandbox.makeFolder();
      const server = await sandbox.spawnServer(dataFolder);
      const { connection } = await server.waitFor('ready');
      const idle = new Client(connection);
      idle.on('error', () => {});
      await idle.connect();

      expect(await server.end('SIGTERM', 'group')).toBe(0);

      expect(server.events.at(-1)).toEqual({ event: 'stopped' });
      expect(await processesIn(dataFolder)).toEqual([]);
      expect(await exists(connection.host)).toBe(false);
      const log = await readFile(join(dataFolder, 'postgres.log'), 'utf8');
      expect(log).toContain('database system is shut down');
      expect(log).not.toContain('received smart shutdown request');
    });

    test('by itself when its server exits without stopping it', async () => {
      const dataFolder = await sandbox.makeFolder();
      const server = await sandbox.spawnServer(dataFolder);
      await server.waitFor('ready');

      expect(await server.end('SIGUSR2')).toBe(0);
      const gone = await waitUntil(async () => (await processesIn(dataFolder)).length === 0, {
        timeoutMs: 20_000,
      });
      expect(gone).toBe(true);
    });

    test('while it is being started again', async () => {
      const dataFolder = await sandbox.makeFolder();
      const database = await sandbox.start(dataFolder);
      const died = new Promise((resolve) => database.onUnexpectedExit(resolve));
      process.kill(database.processId, 'SIGKILL');
      await died;
      await database.stop();

      const gone = await waitUntil(async () => (await processesIn(dataFolder)).length === 0, {
        timeoutMs: 20_000,
      });
      expect(gone).toBe(true);
      await sandbox.start(dataFolder);
    });
  });
});

async function answersBy(
  pool: Pool,
  killed: number,
  database: { processId: number },
): Promise<boolean> {
  const answered = await pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
  return answered && database.processId !== killed;
}
