import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { sql } from 'kysely';
import type { Queries } from './database.js';

/** What is true of one database for as long as it lives. */
export class Installation {
  constructor(
    /** Key of cursors. It is in the database, so that it holds for as long as the rows do. */
    readonly secret: KeyObject,
    /** The same as text: what a fingerprint is made of begins with it. */
    readonly fingerprintSecret: string,
    /**
     * Names this database: another cluster, a restored copy or a bumped `epoch` has another identity, and cursors of
     * the old one are then answered with `reset`.
     */
    readonly identity: string,
  ) {}
}

export async function readInstallation(database: Queries): Promise<Installation> {
  // A dump that is restored gives its tables new object ids, so the identity changes without anybody's doing.
  const { rows } = await sql<{ secret: Buffer; identity: string }>`
    select i.secret,
      concat_ws(':', (select system_identifier from pg_control_system()), 'messages'::regclass::oid, i.epoch) as identity
    from installation i`.execute(database);
  const row = rows[0];
  if (!row)
    throw new Error('Unable to read the installation; its row is missing from the database');
  return new Installation(
    createSecretKey(row.secret),
    row.secret.toString('base64url'),
    createHash('sha256').update(row.identity).digest('base64url').slice(0, 16),
  );
}
