import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { type CommitLoad, type CommitRate, isCommitLoad } from './commit-load.js';

/**
 * What PostgreSQL alone commits, asked by a client that does nothing else: rows as large as messages, in a table with
 * two indexes, each statement a transaction of its own.
 */
const TEXT = 'What PostgreSQL alone can commit, '.repeat(6).slice(0, 200);
const INSERT = `insert into bench_rows (chat_id, seq, id, text, created_at)
  select chat_id, seq, id, $4, now() from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as r (chat_id, seq, id)`;
const MICROSECONDS = 1_000_000;

const [host = '', port = '', user = '', database = ''] = process.argv.slice(2);

function valuesOf(chatId: string, first: number, rows: number): unknown[] {
  const numbers = Array.from({ length: rows }, (_, row) => row);
  return [
    numbers.map(() => chatId),
    numbers.map((row) => first + row),
    numbers.map(() => randomUUID()),
    TEXT,
  ];
}

class Committing {
  private commits = 0;
  private running = true;

  constructor(
    private readonly load: CommitLoad,
    private readonly clients: readonly pg.Client[],
  ) {}

  async measure(): Promise<CommitRate> {
    const { warmUpMs, measureMs, rowsPerCommit } = this.load;
    const working = this.clients.map(async (client) => {
      const chatId = randomUUID();
      for (let seq = 1; this.running; seq += rowsPerCommit) {
        await client.query({
          name: 'insert',
          text: INSERT,
          values: valuesOf(chatId, seq, rowsPerCommit),
        });
        this.commits += 1;
      }
    });
    await wait(warmUpMs);
    const before = { commits: this.commits, cpu: process.cpuUsage(), atMs: performance.now() };
    await wait(measureMs);
    const commits = this.commits - before.commits;
    const seconds = (performance.now() - before.atMs) / 1000;
    const { user, system } = process.cpuUsage(before.cpu);
    this.running = false;
    await Promise.all(working);
    return {
      rowsPerSecond: (commits * rowsPerCommit) / seconds,
      commitsPerSecond: commits / seconds,
      clientCpuSeconds: (user + system) / MICROSECONDS,
    };
  }
}

async function commit(load: CommitLoad): Promise<CommitRate> {
  const clients = Array.from(
    { length: load.connections },
    () => new pg.Client({ host, port: Number(port), user, database }),
  );
  try {
    await Promise.all(clients.map((client) => client.connect()));
    await clients[0]?.query(
      `create table if not exists bench_rows (chat_id uuid, seq bigint, id uuid unique, text text not null,
         created_at timestamptz not null, primary key (chat_id, seq))`,
    );
    return await new Committing(load, clients).measure();
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

process.on('message', (message) => {
  if (!isCommitLoad(message)) return;
  void commit(message).then(
    (rate) => process.send?.(rate),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });
