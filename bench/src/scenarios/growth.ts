import type { Session } from '@natter/protocol';
import { createPairs } from '../accounts.js';
import type { RunCounts, Verification } from '../generator/contract.js';
import type { GroupLoad } from '../plan.js';
import { say } from '../progress.js';
import { type Repetition, totalOf } from '../repetition.js';
import { generateOthers } from '../search/load.js';
import type { NatterStage, Stage } from '../stage.js';
import { type GroupCosts, runGroupCosts } from './group-costs.js';
import { runLoad } from './load.js';
import {
  prepareReaders,
  type Register,
  type ReadsFigures,
  ReadsScenario,
  settle,
  writeInEach,
} from './reads.js';

const MESSAGES_PER_CHAT = 100;
/** Who have an account: to hash more passwords would take minutes. */
const PEOPLE = 1000;
const FIRST_WARM_UP_MS = 4000;
const WARM_UP_MS = 1000;

/** The same reads and sends, when the database was so large. */
export interface GrowthStep {
  /** All rows of the table. */
  readonly messages: number;
  readonly chats: number;
  readonly databaseBytes: number;
  readonly reads: ReadsFigures;
  readonly durable: readonly Repetition[];
  readonly total: RunCounts;
  readonly verification: Verification;
}

/** What groups of each size cost, when the table was so large. */
export interface GroupsStep {
  readonly messages: number;
  readonly groups: readonly GroupCosts[];
}

export interface GrowthFigures {
  readonly steps: readonly GrowthStep[];
  /** Before the growth and after it. */
  readonly groups: readonly GroupsStep[];
}

export interface GrowthOptions {
  readonly register: Register;
  /** Registers people, or takes those who are registered. */
  readonly crowdOf: (url: string, count: number) => Promise<readonly Session[]>;
  /** How many messages others have by each step, ascending. */
  readonly sizes: readonly number[];
  readonly groups: readonly GroupLoad[];
  readonly pairs: number;
  readonly bodyBytes: number;
  readonly outstanding: number;
  readonly repetitions: number;
  readonly measureMs: number;
}

interface Size {
  readonly messages: number;
  readonly chats: number;
  readonly databaseBytes: number;
}

async function sizeOf(stage: Stage, natter: NatterStage): Promise<Size> {
  const client = await stage.connectDatabase(natter);
  const { rows } = await client.query<{ messages: string; chats: string; bytes: string }>(
    `select (select count(*) from messages) as messages, (select count(*) from chats) as chats,
       pg_database_size(current_database()) as bytes`,
  );
  await client.end();
  const [size] = rows;
  if (!size) throw new Error('Unable to measure the database');
  return {
    messages: Number(size.messages),
    chats: Number(size.chats),
    databaseBytes: Number(size.bytes),
  };
}

/** The server is to be started anew after it. */
async function grow(stage: Stage, natter: NatterStage, messages: number): Promise<void> {
  stage.freeDatabase(natter);
  const client = await stage.connectDatabase(natter);
  say(`generating ${messages} messages of other people`);
  await generateOthers(client, messages, MESSAGES_PER_CHAT);
  await client.end();
}

/** Sends in new pairs: the chats of earlier ones are not empty, as the comparison needs them. */
async function send(
  stage: Stage,
  natter: NatterStage,
  options: GrowthOptions,
): Promise<Pick<GrowthStep, 'durable' | 'total' | 'verification'>> {
  const { generator } = stage;
  const { url } = natter;
  const { bodyBytes, outstanding, repetitions, measureMs } = options;
  const rooms = await createPairs(url, await options.register(url, options.pairs * 2));
  await generator.call('openRooms', { target: 'natter', url, rooms, bodyBytes, delivers: true });
  const durable: Repetition[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    const warmUpMs = repetition === 1 ? FIRST_WARM_UP_MS : WARM_UP_MS;
    const loop = { target: 'natter', outstanding, warmUpMs, measureMs } as const;
    durable.push(await runLoad(stage, natter, loop));
  }
  const verification = await generator.call('verify', { url });
  await generator.call('closeRooms', { target: 'natter' });
  return { durable, total: totalOf(durable), verification };
}

/** Users who are there to be members, and have no password. */
async function addUsers(stage: Stage, natter: NatterStage, count: number): Promise<string[]> {
  const client = await stage.connectDatabase(natter);
  const { rows } = await client.query<{ id: string }>(
    `with added as (
       insert into users (id, username, display_name, password_hash)
       select id, 'member-' || right(id::text, 12), 'Member ' || n, ''
       from (select gen_random_uuid() as id, n from generate_series(1, $1::integer) n) one
       returning id
     ), streams as (insert into user_streams (user_id) select id from added)
     select id from added`,
    [count],
  );
  await client.end();
  return rows.map(({ id }) => id);
}

/** What groups cost on the tables as they are, with the same people and users each time. */
class GroupSteps {
  readonly steps: GroupsStep[] = [];
  private others: readonly string[] = [];

  constructor(
    private readonly stage: Stage,
    private readonly options: GrowthOptions,
  ) {}

  async run(natter: NatterStage): Promise<void> {
    const { stage } = this;
    const { groups, crowdOf, repetitions, bodyBytes, measureMs: readMs } = this.options;
    const { messages } = await sizeOf(stage, natter);
    const costs: GroupCosts[] = [];
    for (const load of groups) {
      const members = load.members * load.groups;
      const people = await crowdOf(natter.url, Math.min(members, PEOPLE));
      const others = await this.othersOf(natter, members - people.length);
      const options = { load, people, others, repetitions, bodyBytes, readMs };
      costs.push(await runGroupCosts(stage, natter, options));
    }
    this.steps.push({ messages, groups: costs });
  }

  private async othersOf(natter: NatterStage, count: number): Promise<readonly string[]> {
    const missing = count - this.others.length;
    if (missing > 0) {
      this.others = [...this.others, ...(await addUsers(this.stage, natter, missing))];
    }
    return this.others.slice(0, count);
  }
}

/** Each step with a fresh server on the same data, which grow between the steps. */
export async function runGrowth(stage: Stage, options: GrowthOptions): Promise<GrowthFigures> {
  const prepared = await prepareReaders(stage, options.register);
  const { world } = prepared;
  let { natter } = prepared;
  // Each step writes there, which leaves the next one other chats to search: so the first one finds them, too.
  await writeInEach(natter, world);
  await settle(stage, natter);
  const steps: GrowthStep[] = [];
  const groups = new GroupSteps(stage, options);
  const { sizes, repetitions, measureMs } = options;
  for (const [index, size] of [0, ...sizes].entries()) {
    if (index > 0) {
      await grow(stage, natter, size - (sizes[index - 2] ?? 0));
      await natter.child.end();
      natter = await stage.startNatter([]);
      await settle(stage, natter);
    }
    const found = await sizeOf(stage, natter);
    say(`${found.messages} messages in ${found.chats} chats`);
    const readsOptions = { repetitions, measureMs, concurrencies: [1] };
    const reads = await new ReadsScenario(stage, natter, world, readsOptions).run();
    steps.push({ ...found, reads, ...(await send(stage, natter, options)) });
    if (index === 0 || index === sizes.length) await groups.run(natter);
  }
  await natter.child.end();
  return { steps, groups: groups.steps };
}
