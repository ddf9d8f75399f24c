import type { Room, RunCounts, Target, Verification } from '../generator/contract.js';
import type { GroupLoad } from '../plan.js';
import type { MeasuredServer } from '../processes/measured-server.js';
import { say } from '../progress.js';
import { ratioOf, type Repetition, totalOf } from '../repetition.js';
import type { NatterStage, Stage } from '../stage.js';
import type { Spread } from '../statistics.js';
import { runLoad } from './load.js';

const FIRST_WARM_UP_MS = 2500;
const WARM_UP_MS = 1000;

export interface GroupFigures extends GroupLoad {
  readonly natter: readonly Repetition[];
  readonly raw: readonly Repetition[];
  /** Of the deliveries per server core. */
  readonly ratio: Spread;
  /** Over all repetitions, warm-up and drain included. */
  readonly total: RunCounts;
  readonly verification: Verification;
}

export interface GroupsOptions {
  readonly load: GroupLoad;
  readonly rooms: readonly Room[];
  readonly repetitions: number;
  readonly bodyBytes: number;
}

/**
 * Stored messages to groups, and Socket.IO's broadcast to rooms of as many sockets, in turn.
 *
 * @param options.rooms Their chats hold nothing that was sent.
 */
export async function runGroups(
  stage: Stage,
  natter: NatterStage,
  { load, rooms, repetitions, bodyBytes }: GroupsOptions,
): Promise<GroupFigures> {
  const { generator } = stage;
  const raw = await stage.startRaw('broadcast');
  const servers: Readonly<Record<Target, MeasuredServer>> = { natter, raw };
  const open = (target: Target, openedRooms: readonly Room[]) =>
    generator.call('openRooms', {
      target,
      url: servers[target].url,
      rooms: openedRooms,
      bodyBytes,
      delivers: true,
    });
  await open('natter', rooms);
  await open(
    'raw',
    rooms.map(({ chatId, tokens }) => ({ chatId, tokens: tokens.map(() => chatId) })),
  );
  const measured: Record<Target, Repetition[]> = { natter: [], raw: [] };
  const { outstanding, measureMs } = load;
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`groups of ${load.members}, repetition ${repetition} of ${repetitions}`);
    const warmUpMs = repetition === 1 ? FIRST_WARM_UP_MS : WARM_UP_MS;
    for (const target of ['natter', 'raw'] as const) {
      const loop = { target, outstanding, warmUpMs, measureMs };
      measured[target].push(await runLoad(stage, servers[target], loop));
    }
  }
  await generator.call('closeRooms', { target: 'raw' });
  await raw.child.end();
  say('reading back what was acknowledged');
  const verification = await generator.call('verify', { url: natter.url });
  await generator.call('closeRooms', { target: 'natter' });
  return {
    ...load,
    ...measured,
    ratio: ratioOf(measured.natter, measured.raw, 'deliveriesPerServerCore'),
    total: totalOf(measured.natter),
    verification,
  };
}
