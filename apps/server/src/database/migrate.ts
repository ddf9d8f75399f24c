import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Logger } from 'pino';
import type { Queries } from './database.js';
import { migrations } from './migrations/index.js';

const MIGRATION_TABLE = 'schema_migrations';

async function refuseNewerSchema(database: Queries): Promise<void> {
  const { rows: tables } = await sql<{ exists: boolean }>`
    select to_regclass(${MIGRATION_TABLE}) is not null as exists`.execute(database);
  if (!tables[0]?.exists) return;
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.table(MIGRATION_TABLE)} order by name`.execute(database);
  const unknown = rows.map((row) => row.name).filter((name) => !Object.hasOwn(migrations, name));
  if (unknown.length > 0) {
    throw new Error(
      `Unable to use this database; its schema is newer than this version of Natter (it has ${unknown.join(', ')}). ` +
        'Start the newer version, or restore a backup made before the upgrade',
    );
  }
}

/**
 * Runs the migrations that are still missing, in one transaction and under a lock: of nodes that start at once, one
 * migrates and the others wait.
 */
export async function migrateToLatest(database: Queries, logger: Logger): Promise<void> {
  await refuseNewerSchema(database);
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  for (const { migrationName } of results ?? [])
    logger.info(`the database schema has ${migrationName} now`);
}
