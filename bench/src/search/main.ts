import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SearchPage, Session } from '@natter/protocol';
import type pg from 'pg';
import { getJson, postJson } from '../http.js';
import { type MeasuredServer, startNatter } from '../processes/measured-server.js';
import { endPostgresAfterRun, Postgres } from '../processes/postgres.js';
import { Resources } from '../processes/resources.js';
import { makeTemporaryFolder } from '../processes/temporary-folder.js';
import { say } from '../progress.js';
import { untilIndexed } from '../reads/indexed.js';
import { percentile } from '../statistics.js';
import { table } from '../report/table.js';
import { generateOthers, loadRooms } from './load.js';
import { queriesFrom } from './queries.js';

const USAGE = `Usage: npm run bench:search -- --file FILE [options]

Searches in real conversation, before and after other people have written as well.

  --file FILE      rooms as JSON lines { room, at, nick, text }, also gzipped
  --others N       messages of other people (default 5000000)
  --folder FOLDER  where the temporary data folder is made
`;

const QUERIES = 500;
const WARM_UP_QUERIES = 100;
const SHOWN_QUERIES = 10;
const SHOWN_HITS = 3;
const READERS = ['all', 'some', 'none'] as const;
type Reader = (typeof READERS)[number];
type Tokens = Readonly<Record<Reader, string>>;

interface Figures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly found: number;
  readonly partial: number;
}

async function search(url: string, token: string, query: string): Promise<SearchPage> {
  const path = `/v1/search/messages?${new URLSearchParams({ query }).toString()}`;
  return getJson(url, path, token, (body) => SearchPage.parse(body));
}

async function measure(url: string, token: string, queries: readonly string[]): Promise<Figures> {
  const times: number[] = [];
  let [found, partial] = [0, 0];
  for (const query of queries) {
    const startMs = performance.now();
    const page = await search(url, token, query);
    times.push(performance.now() - startMs);
    if (page.items.length > 0) found += 1;
    if (page.partial) partial += 1;
  }
  times.sort((a, b) => a - b);
  return {
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    max: times.at(-1) ?? Number.NaN,
    found,
    partial,
  };
}

/** Each of the readers in turn, each first uncounted. */
async function measureAll(
  url: string,
  tokens: Tokens,
  queries: readonly string[],
): Promise<Record<Reader, Figures>> {
  for (const reader of READERS)
    await measure(url, tokens[reader], queries.slice(0, WARM_UP_QUERIES));
  return {
    all: await measure(url, tokens.all, queries),
    some: await measure(url, tokens.some, queries),
    none: await measure(url, tokens.none, queries),
  };
}

function rowsOf(title: string, figures: Record<Reader, Figures>): string[][] {
  return READERS.map((reader) => {
    const { p50, p99, max, found, partial } = figures[reader];
    const times = [p50, p99, max].map((ms) => ms.toFixed(1));
    return [`${title}, in ${reader}`, ...times, String(found), String(partial)];
  });
}

async function showHits(url: string, token: string, queries: readonly string[]): Promise<string> {
  let shown = '';
  for (const query of queries) {
    const { items } = await search(url, token, query);
    shown += `\n  ${JSON.stringify(query)}\n`;
    for (const { message, snippet } of items.slice(0, SHOWN_HITS)) {
      const text = snippet.ranges.reduceRight(
        (text, [start, end]) =>
          `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`,
        snippet.text,
      );
      shown += `    ${message.createdAt.slice(0, 10)}  ${text}\n`;
    }
    if (items.length === 0) shown += '    nothing\n';
  }
  return shown;
}

async function register(url: string, username: string): Promise<Session> {
  const account = { username, password: 'only for the benchmark' };
  return postJson(url, '/v1/auth/register', account, (body) => Session.parse(body));
}

interface Scene {
  readonly client: pg.Client;
  readonly server: MeasuredServer;
  readonly file: string;
  readonly others: number;
  /** Starts the server anew. */
  readonly restart: () => Promise<{ server: MeasuredServer; client: pg.Client }>;
}

async function play({
  server: first,
  client: loader,
  file,
  others,
  restart,
}: Scene): Promise<void> {
  const sessions = await Promise.all(
    READERS.map((reader) => register(first.url, `reader-${reader}`)),
  );
  const [all, some, none] = sessions;
  if (!all || !some || !none) throw new Error('Unable to search; a reader is missing');
  say('loading the conversation');
  const loaded = await loadRooms(loader, file, { all: all.user.id, some: some.user.id });
  await loader.end();
  await first.child.end();
  const { server, client } = await restart();
  const startMs = performance.now();
  say('waiting until the server has indexed it');
  await untilIndexed(client);
  const seconds = (performance.now() - startMs) / 1000;
  await client.query('vacuum analyze');
  const tokens = { all: all.accessToken, some: some.accessToken, none: none.accessToken };
  const queries = queriesFrom(loaded.texts, QUERIES);
  await client.query('checkpoint');
  say(`${QUERIES} queries by each reader`);
  const alone = await measureAll(server.url, tokens, queries);
  say(`generating ${others} messages of other people`);
  await generateOthers(client, others);
  await client.query('checkpoint');
  say('the same queries again');
  const among = await measureAll(server.url, tokens, queries);
  const { rows } = await client.query<{ size: string; messages: string }>(
    `select pg_size_pretty(pg_total_relation_size('search_tokens')) as size, sum(greatest(seq, last_seq) - seq + 1) as messages from search_tokens`,
  );
  await client.end();
  const ratios = READERS.map(
    (reader) => `in ${reader} ${(among[reader].p50 / alone[reader].p50).toFixed(2)}`,
  );
  process.stdout.write(
    `${loaded.messages} messages in ${loaded.groups} groups, indexed in ${seconds.toFixed(0)} s\n` +
      `index of ${rows[0]?.messages} messages: ${rows[0]?.size}\n\n` +
      table(
        ['ms for a search', 'p50', 'p99', 'max', 'found', 'partial'],
        [...rowsOf('alone', alone), ...rowsOf(`among ${others} of others`, among)],
      ) +
      `\n  p50 among others to p50 alone: ${ratios.join(', ')}\n` +
      (await showHits(server.url, tokens.all, queries.slice(0, SHOWN_QUERIES))),
  );
}

async function main(resources: Resources): Promise<void> {
  const { values } = parseArgs({
    options: {
      file: { type: 'string' },
      others: { type: 'string', default: '5000000' },
      folder: { type: 'string' },
    },
  });
  const { file, others } = values;
  if (file === undefined || !/^[1-9]\d{0,8}$/.test(others)) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const folder = await makeTemporaryFolder(values.folder, resources);
  const dataFolder = join(folder, 'data');
  endPostgresAfterRun(dataFolder, resources);
  const start = async () => {
    const server = await startNatter(
      { folder, core: undefined, dataFolder, rateLimits: 'off' },
      resources,
    );
    const client = await Postgres.find(dataFolder)?.connect();
    if (!client) throw new Error('Unable to load; the database was not found');
    return { server, client };
  };
  await play({ ...(await start()), file, others: Number(others), restart: start });
}

const resources = new Resources();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void resources.release().finally(() => process.exit(1)));
}
async function run(): Promise<void> {
  try {
    await main(resources);
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  } finally {
    await resources.release();
  }
}

void run();
