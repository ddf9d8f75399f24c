import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '@natter/server';
import { openDatabase, startEmbeddedPostgres } from '@natter/server/database';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { onServer, TEMPLATE, withDatabase } from './test-database.js';

const silent = pino({ level: 'silent' });

/** Makes the template that every test database is copied from. */
async function prepareTemplate(serverUrl: string): Promise<void> {
  await onServer(serverUrl, `drop database if exists ${TEMPLATE}`);
  await onServer(serverUrl, `create database ${TEMPLATE}`);
  const config: Config = { ...readConfig({}), databaseUrl: withDatabase(serverUrl, TEMPLATE) };
  const database = await openDatabase(config, silent);
  await database.onApplicationShutdown();
}

/** Vitest's global setup: `TEST_DATABASE_URL`, or an embedded PostgreSQL for this run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    await prepareTemplate(given);
    project.provide('testServerUrl', given);
    return () => onServer(given, `drop database if exists ${TEMPLATE} with (force)`);
  }
  const dataFolder = await mkdtemp(join(tmpdir(), 'natter-test-'));
  // PostgreSQL runs as another user where the tests run as root.
  await chmod(dataFolder, 0o711);
  const embedded = await startEmbeddedPostgres({
    dataFolder,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    // No test of this database cuts the power; making one for each file costs hundreds of flushes.
    settings: { max_connections: '300', fsync: 'off' },
  });
  const { user, host, database, port } = embedded.connection;
  const url = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  await prepareTemplate(url);
  project.provide('testServerUrl', url);
  return async () => {
    await embedded.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
}
