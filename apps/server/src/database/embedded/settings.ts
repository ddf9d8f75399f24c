/** Acknowledged means on disk. The defaults of PostgreSQL, said aloud because everything else rests on them. */
const DURABILITY = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
};

const SMALL_SERVER = {
  max_connections: '100',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  cluster_name: 'natter',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_line_prefix: '%m [%p] ',
};

/**
 * The command line of PostgreSQL's main process. Settings stand there and not in the cluster's files, so that neither
 * an edited `postgresql.conf` nor an `ALTER SYSTEM` changes what we promise.
 *
 * @param own settings of the caller, stronger than our defaults
 * @param endpoint where it listens, stronger than all others
 */
export function postgresArguments(
  cluster: string,
  own: Readonly<Record<string, string>>,
  endpoint: Readonly<Record<string, string>>,
): string[] {
  const settings = { ...DURABILITY, ...SMALL_SERVER, ...own, ...endpoint };
  // `-D <cluster>` comes first and unabridged: a later start knows its left-over server by it.
  return [
    '-D',
    cluster,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}
