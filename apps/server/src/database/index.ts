export {
  boolArray,
  byteaArray,
  int8Array,
  textArray,
  timestamptzArray,
  tsvectorArray,
  uuidArray,
} from './binary-arrays.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/embedded-postgres.js';
export { DatabaseClock } from './database-clock.js';
export { discardingPool } from './discarding-pool.js';
export { openDatabase } from './open-database.js';
