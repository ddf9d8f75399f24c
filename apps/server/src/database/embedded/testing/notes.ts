import { Client, type ClientConfig } from 'pg';

/** Commits one row, which must survive whatever comes. */
export async function writeNote(connection: ClientConfig, text: string): Promise<void> {
  await withClient(connection, async (client) => {
    await client.query(
      'CREATE TABLE IF NOT EXISTS notes (id bigserial PRIMARY KEY, text text NOT NULL)',
    );
    await client.query('INSERT INTO notes (text) VALUES ($1)', [text]);
  });
}

export async function readNotes(connection: ClientConfig): Promise<string[]> {
  return withClient(connection, async (client) => {
    const { rows } = await client.query<{ text: string }>('SELECT text FROM notes ORDER BY id');
    return rows.map((row) => row.text);
  });
}

/**
 * Keeps a PostgreSQL process computing, so that it does not notice at once when its main process dies. Returns when the
 * computation has begun; it goes on for `durationMs` unless PostgreSQL is stopped.
 */
export async function keepBusy(connection: ClientConfig, durationMs: number): Promise<void> {
  const client = new Client(connection);
  client.on('error', () => {});
  await client.connect();
  const begun = new Promise<void>((resolve) => client.once('notice', () => resolve()));
  client
    .query(
      `DO $$ BEGIN RAISE WARNING 'busy'; WHILE clock_timestamp() < now() + interval '${durationMs} ms' LOOP END LOOP; END $$`,
    )
    .catch(() => {});
  await begun;
}

async function withClient<Result>(
  config: ClientConfig,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(config);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
