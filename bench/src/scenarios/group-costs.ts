import { setTimeout as wait } from 'node:timers/promises';
import { routes, type Session } from '@natter/protocol';
import { addMembers, createGroups, createLargeGroup } from '../accounts.js';
import { numbersBelow } from '../concurrency.js';
import type { Room, RunCounts, Verification } from '../generator/contract.js';
import { getJson, postNothing } from '../http.js';
import type { GroupLoad } from '../plan.js';
import { cpuSecondsOf, cpuSecondsOfFamily } from '../processes/proc.js';
import { say } from '../progress.js';
import { measureRead, type ReadMeasurement } from '../reads/measurement.js';
import { type Repetition, totalOf } from '../repetition.js';
import type { NatterStage, Stage } from '../stage.js';
import { percentile } from '../statistics.js';
import { runLoad } from './load.js';

const FIRST_WARM_UP_MS = 2500;
const WARM_UP_MS = 1000;
/** So many members share the reading, that the rate limits let them. */
const READERS = 16;
const PAGE = 50;
const READ_WARM_UP_MS = 500;
/** How often somebody is added and leaves again. */
const COMINGS = 100;
const MILLISECONDS = 1000;
const POLL_MS = 500;
const OFFLINE_PATIENCE_MS = 120_000;

export type GroupReadName = 'newestPage' | 'memberPage';

/** Somebody is added to a group and leaves it, one after the other, again and again. */
export interface ComingsFigures {
  /** Of those who were added; as many left. */
  readonly comings: number;
  readonly addedP50Ms: number;
  readonly leftP50Ms: number;
  /** CPU time of the server for both together. */
  readonly serverMs: number;
  readonly databaseMs: number;
}

/** What groups of one size cost. */
export interface GroupCosts extends GroupLoad {
  /** Members of all groups who are connected; together they have as many connections as there are members. */
  readonly people: number;
  readonly sends: readonly Repetition[];
  /** Over all repetitions, warm-up and drain included. */
  readonly total: RunCounts;
  readonly verification: Verification;
  /** One at a time. */
  readonly reads: readonly ReadMeasurement<GroupReadName>[];
  readonly comings: ComingsFigures;
}

export interface GroupCostsOptions {
  readonly load: GroupLoad;
  /** As many as are in all of the groups, unless `others` are members, too. */
  readonly people: readonly Session[];
  /** Ids of users who are members of the one group, and never connect. */
  readonly others: readonly string[];
  readonly repetitions: number;
  readonly bodyBytes: number;
  readonly readMs: number;
}

/** Stored messages to groups over as many connections as they have members; pages, comings and goings without any. */
export async function runGroupCosts(
  stage: Stage,
  natter: NatterStage,
  options: GroupCostsOptions,
): Promise<GroupCosts> {
  const { load, people } = options;
  say(`making ${load.groups} groups of ${load.members}`);
  const rooms = await makeGroups(natter.url, options);
  const sent = await send(stage, natter, rooms, options);
  const [room] = rooms;
  const leaver = people[Math.min(load.members, people.length) - 1];
  if (!room || !leaver) throw new Error('Unable to read; there is no group');
  await untilOffline(natter, room);
  const reads = [
    await read(stage, natter, room, 'newestPage', options),
    await read(stage, natter, room, 'memberPage', options),
  ];
  const comings = await comeAndGo(natter, room, leaver);
  return { ...load, people: people.length, ...sent, reads, comings };
}

async function makeGroups(
  url: string,
  { load, people, others }: GroupCostsOptions,
): Promise<readonly Room[]> {
  if (others.length === 0) return createGroups(url, people, load.members);
  const { chatId, tokens } = await createLargeGroup(url, people, others);
  // Some have several connections, so that there are as many as members.
  const shared = numbersBelow(load.members).map((n) => tokens[n % tokens.length] ?? '');
  return [{ chatId, tokens: shared }];
}

async function send(
  stage: Stage,
  natter: NatterStage,
  rooms: readonly Room[],
  { load, repetitions, bodyBytes }: GroupCostsOptions,
): Promise<Pick<GroupCosts, 'sends' | 'total' | 'verification'>> {
  const { generator } = stage;
  const { url } = natter;
  await generator.call('openRooms', { target: 'natter', url, rooms, bodyBytes, delivers: true });
  const sends: Repetition[] = [];
  const { members, outstanding, measureMs } = load;
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`groups of ${members}, repetition ${repetition} of ${repetitions}`);
    const warmUpMs = repetition === 1 ? FIRST_WARM_UP_MS : WARM_UP_MS;
    const loop = { target: 'natter', outstanding, warmUpMs, measureMs } as const;
    sends.push(await runLoad(stage, natter, loop));
  }
  const verification = await generator.call('verify', { url });
  await generator.call('closeRooms', { target: 'natter' });
  return { sends, total: totalOf(sends), verification };
}

/** Whoever goes is online for some seconds more, and a page of members says so. */
async function untilOffline({ url }: NatterStage, { chatId, tokens }: Room): Promise<void> {
  say('waiting until nobody is online');
  for (const end = performance.now() + OFFLINE_PATIENCE_MS; performance.now() < end;) {
    const path = `/v1/chats/${chatId}/members?limit=${PAGE}`;
    const page = await getJson(url, path, tokens[0] ?? '', (body) =>
      routes.listMembers.output.parse(body),
    );
    if (page.items.every(({ user }) => !user.online)) return;
    await wait(POLL_MS);
  }
  throw new Error(`Members of the chat ${chatId} are still online; their sockets are closed`);
}

function read(
  stage: Stage,
  natter: NatterStage,
  { chatId, tokens }: Room,
  name: GroupReadName,
  { load, repetitions, readMs }: GroupCostsOptions,
): Promise<ReadMeasurement<GroupReadName>> {
  say(`${name} in a group of ${load.members}`);
  const page = name === 'newestPage' ? 'messages' : 'members';
  return measureRead(name, 1, repetitions, () =>
    stage.generator.call('httpReads', {
      serverId: natter.child.processId,
      databaseId: natter.postgres?.processId,
      url: natter.url,
      tokens: tokens.slice(0, READERS),
      paths: [`/v1/chats/${chatId}/${page}?limit=${PAGE}`],
      concurrency: 1,
      warmUpMs: READ_WARM_UP_MS,
      measureMs: readMs,
    }),
  );
}

async function comeAndGo(
  { url, child, postgres }: NatterStage,
  { chatId, tokens: [owner = ''] }: Room,
  leaver: Session,
): Promise<ComingsFigures> {
  const cpuSeconds = () => ({
    server: cpuSecondsOf(child.processId),
    database: postgres ? cpuSecondsOfFamily(postgres.processId) : 0,
  });
  const added: number[] = [];
  const left: number[] = [];
  const before = cpuSeconds();
  while (added.length < COMINGS) {
    left.push(await timed(() => postNothing(url, `/v1/chats/${chatId}/leave`, leaver.accessToken)));
    added.push(await timed(() => addMembers(url, owner, chatId, [leaver.user.id])));
  }
  const after = cpuSeconds();
  const perComingMs = (figure: 'server' | 'database'): number =>
    ((after[figure] - before[figure]) / COMINGS) * MILLISECONDS;
  return {
    comings: COMINGS,
    addedP50Ms: medianOf(added),
    leftP50Ms: medianOf(left),
    serverMs: perComingMs('server'),
    databaseMs: perComingMs('database'),
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function medianOf(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}
