import { once } from 'node:events';
import { type CommitLoad, type CommitRate, isCommitRate } from '../baselines/commit-load.js';
import type { Room, RunCounts } from '../generator/contract.js';
import type { MeasuredServer } from '../processes/measured-server.js';
import { say } from '../progress.js';
import { ratioOf, type Repetition, totalOf } from '../repetition.js';
import type { NatterStage, Stage } from '../stage.js';
import { type Spread, spreadOf } from '../statistics.js';
import { runLoad } from './load.js';

const FIRST_WARM_UP_MS = 3000;
const WARM_UP_MS = 1000;
const DATABASE = 'baselines';

/** As many connections, and as many rows in a commit, as PostgreSQL does best with. */
const SINGLE = { connections: 32, rowsPerCommit: 1 };
const BATCH = { connections: 4, rowsPerCommit: 200 };

export interface BaselinesFigures {
  readonly natter: readonly Repetition[];
  readonly tutorial: readonly Repetition[];
  /** Messages that the tutorial's table holds at the end; it acknowledged as many. */
  readonly tutorialStored: number;
  readonly tutorialTotal: RunCounts;
  readonly single: readonly CommitRate[];
  readonly batch: readonly CommitRate[];
  readonly ratios: {
    /** Messages per CPU second of the server, against the tutorial's. */
    readonly tutorial: Spread;
    /** Messages a second against rows a second that are committed one by one. */
    readonly single: Spread;
    /** The same against rows that are committed by the 200. */
    readonly batch: Spread;
  };
  /** Of the messages to Natter, warm-up and drain included. */
  readonly total: RunCounts;
}

export interface BaselinesOptions {
  readonly rooms: readonly Room[];
  readonly bodyBytes: number;
  readonly outstanding: number;
  readonly repetitions: number;
  readonly measureMs: number;
}

async function measureCommits({ child }: MeasuredServer, load: CommitLoad): Promise<CommitRate> {
  const answered = once(child.process, 'message');
  child.process.send(load);
  const [rate]: unknown[] = await answered;
  if (!isCommitRate(rate)) throw new Error(`Unable to commit: ${JSON.stringify(rate)}`);
  return rate;
}

function againstRows(natter: readonly Repetition[], rates: readonly CommitRate[]): Spread {
  return spreadOf(
    natter.map(({ perSecond }, index) => perSecond / (rates[index]?.rowsPerSecond ?? 0)),
  );
}

/**
 * The durable load beside what else could be had on the same disk: the usual tutorial's service, and PostgreSQL alone.
 * The pairs must be open in the generator.
 */
export async function runBaselines(
  stage: Stage,
  natter: NatterStage,
  { rooms, bodyBytes, outstanding, repetitions, measureMs }: BaselinesOptions,
): Promise<BaselinesFigures> {
  const { generator } = stage;
  const client = await stage.connectDatabase(natter);
  await client.query(`create database ${DATABASE}`);
  await client.end();
  const tutorial = await stage.startOnDatabase('tutorial', natter, DATABASE);
  const database = await stage.startOnDatabase('database', natter, DATABASE);
  await generator.call('openRooms', {
    target: 'raw',
    url: tutorial.url,
    rooms: rooms.map(({ chatId, tokens }) => ({ chatId, tokens: tokens.map(() => chatId) })),
    bodyBytes,
    delivers: true,
  });
  const measured = {
    natter: new Array<Repetition>(),
    tutorial: new Array<Repetition>(),
    single: new Array<CommitRate>(),
    batch: new Array<CommitRate>(),
  };
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`beside the baselines, repetition ${repetition} of ${repetitions}`);
    const warmUpMs = repetition === 1 ? FIRST_WARM_UP_MS : WARM_UP_MS;
    const times = { warmUpMs, measureMs };
    measured.natter.push(await runLoad(stage, natter, { target: 'natter', outstanding, ...times }));
    measured.tutorial.push(
      await runLoad(
        stage,
        { ...tutorial, postgres: natter.postgres },
        { target: 'raw', outstanding, ...times },
      ),
    );
    measured.single.push(await measureCommits(database, { ...SINGLE, ...times }));
    measured.batch.push(await measureCommits(database, { ...BATCH, ...times }));
  }
  await generator.call('closeRooms', { target: 'raw' });
  await database.child.end();
  await tutorial.child.end();
  const tutorialStored = await countStored(natter);
  return {
    ...measured,
    tutorialStored,
    tutorialTotal: totalOf(measured.tutorial),
    ratios: {
      tutorial: ratioOf(measured.natter, measured.tutorial, 'perServerCore'),
      single: againstRows(measured.natter, measured.single),
      batch: againstRows(measured.natter, measured.batch),
    },
    total: totalOf(measured.natter),
  };
}

async function countStored({ postgres }: NatterStage): Promise<number> {
  const client = await postgres?.connect(DATABASE);
  if (!client) throw new Error('Unable to count; the database was not found');
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::integer as count from chat_message',
  );
  await client.end();
  return rows[0]?.count ?? 0;
}
