import {
  chatsBehindIndex,
  type ConfigOverrides,
  queryDatabase,
  startTestServer,
} from '@natter/testing';
import { vi } from 'vitest';

export interface TableUse {
  readonly scans: number;
  readonly rows: number;
  /** Of its indexes, whether the row was read or not. */
  readonly entries: number;
  /** Of the table and its indexes, from memory or disk: what an index reads and passes over counts here alone. */
  readonly blocks: number;
}

/** How often each table was read from end to end, and how many rows were read of it by whatever way. */
async function tableUses(databaseUrl: string): Promise<Map<string, TableUse>> {
  const uses = await queryDatabase<TableUse & { relname: string }>(
    databaseUrl,
    `select relname, seq_scan::integer as scans, (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as rows,
       (select coalesce(sum(i.idx_tup_read), 0)::integer from pg_stat_user_indexes i where i.relid = t.relid) as entries,
       (heap_blks_read + heap_blks_hit + coalesce(idx_blks_read + idx_blks_hit, 0))::integer as blocks
     from pg_stat_user_tables t join pg_statio_user_tables using (relid, schemaname, relname)`,
  );
  return new Map(uses.map((use) => [use.relname, use]));
}

/**
 * Starts a server, lets it do something, stops it, and resolves with what that read of each table: counts are written at
 * the end. They are of the very statements that a server runs: an `explain` would be of a copy, with another plan cache.
 */
export async function usesOf(
  databaseUrl: string,
  act: (url: string) => Promise<unknown>,
  overrides: ConfigOverrides = {},
): Promise<Map<string, TableUse>> {
  await catchUp(databaseUrl);
  const server = await startTestServer({ ...overrides, databaseUrl });
  const before = await tableUses(databaseUrl);
  try {
    await act(server.url);
  } finally {
    await server.stop();
  }
  const after = await tableUses(databaseUrl);
  return new Map(
    [...after].map(([name, { scans, rows, entries, blocks }]) => [
      name,
      {
        scans: scans - (before.get(name)?.scans ?? 0),
        rows: rows - (before.get(name)?.rows ?? 0),
        entries: entries - (before.get(name)?.entries ?? 0),
        blocks: blocks - (before.get(name)?.blocks ?? 0),
      },
    ]),
  );
}

/** Has indexed what was sent before, which would be counted otherwise. */
async function catchUp(databaseUrl: string): Promise<void> {
  const isBehind = async () => (await chatsBehindIndex(databaseUrl)) > 0;
  if (!(await isBehind())) return;
  const server = await startTestServer({ databaseUrl });
  await vi.waitUntil(async () => !(await isBehind()), { timeout: 50_000 });
  await server.stop();
}

/** Of which values plans are made: of those that are asked for, or of any. PostgreSQL keeps those that look cheaper. */
export type Plans = 'custom' | 'generic';

/** The same with nothing but such plans. */
export async function usesByPlans(
  databaseUrl: string,
  plans: Plans,
  act: (url: string) => Promise<unknown>,
): Promise<Map<string, TableUse>> {
  await setPlans(databaseUrl, `force_${plans}_plan`);
  try {
    return await usesOf(databaseUrl, act);
  } finally {
    await setPlans(databaseUrl, 'auto');
  }
}

/** Of the connections that come after it. */
async function setPlans(databaseUrl: string, mode: string): Promise<void> {
  await queryDatabase(
    databaseUrl,
    `do $$ begin execute format('alter database %I set plan_cache_mode = ${mode}', current_database()); end $$`,
  );
}
