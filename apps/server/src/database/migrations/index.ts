import type { Migration } from 'kysely/migration';
import * as streams from './0001-streams.js';
import * as append from './0002-append.js';

/** Every migration by name, in the order in which they run. A released one is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-streams': streams,
  '0002-append': append,
};
