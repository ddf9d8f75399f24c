import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server for tests, with a database `natter_template` that has the newest schema. */
    testServerUrl: string;
  }
}

export const TEMPLATE = 'natter_template';

/** The same server, another database. */
export function withDatabase(serverUrl: string, database: string): string {
  const [address, parameters] = serverUrl.split('?');
  return `${address?.replace(/\/[^/]*$/, '')}/${database}${parameters === undefined ? '' : `?${parameters}`}`;
}

export async function onServer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(serverUrl, 'postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of its own with the newest schema and nothing in it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('testServerUrl');
  const name = `natter_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `create database ${name} template ${TEMPLATE}`);
  return {
    url: withDatabase(server, name),
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}
