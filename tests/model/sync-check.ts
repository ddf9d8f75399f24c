import type { SyncOutput } from '@natter/protocol';
import { spread } from './checks.js';
import { dataOf, type LiveDevice } from './live-device.js';
import { Mismatch, requireEqual } from './mismatch.js';
import type { Names } from './names.js';
import { entryView, hidesSeen, ownEventView, TIME } from './views.js';
import {
  type Chat,
  lastSeq,
  marksOf,
  type Member,
  memberOf,
  type OwnEvent,
  type Position,
  type World,
} from './world.js';

interface Entry {
  readonly event: string;
  readonly payload: { userSeq?: number; chatId?: string; seq?: number; updates?: unknown[] };
}

type Kind = 'own' | 'chat' | 'status';
const ORDER: readonly Kind[] = ['own', 'chat', 'status'];

function kindOf({ event, payload }: Entry): Kind {
  if (event === 'messageStatusUpdated') return 'status';
  return payload.userSeq === undefined ? 'chat' : 'own';
}

const HIDING: ReadonlySet<string> = new Set(['messageHidden', 'chatCleared']);

/**
 * Reads all that was committed since a device's cursor and compares it with the model (SYNC-1): nothing is left out, all
 * of it is as it is today, own events come first and marks last. It may repeat what came before, and nothing twice.
 */
export async function checkSync(
  world: World,
  names: Names,
  device: LiveDevice,
  user: string,
  since: Position,
  limit: number,
): Promise<void> {
  const what = `the sync of ${device.name}`;
  const entries: Entry[] = [];
  for (let hasMore = true; hasMore;) {
    const answer = await device.command('sync', { cursor: device.cursor, limit });
    const page = dataOf(answer, what) as SyncOutput;
    requireEqual(page.reset, device.cursor === undefined, `${what}: reset`);
    entries.push(...(spread(names.toNames(page.entries)) as Entry[]));
    device.cursor = page.cursor;
    hasMore = page.hasMore;
  }
  const kinds = entries.map((entry) => ORDER.indexOf(kindOf(entry)));
  requireEqual(kinds, kinds.toSorted(), `${what}: its order`);
  const of = (kind: Kind) => entries.filter((entry) => kindOf(entry) === kind);
  checkOwn(world, user, since, of('own'), what);
  checkChats(world, user, since, of('chat'), what);
  checkMarks(world, user, since, of('status'), what);
}

function checkOwn(
  world: World,
  user: string,
  { userSeq }: Position,
  entries: readonly Entry[],
  what: string,
): void {
  const { events } = world.user(user);
  const first = Math.min(userSeq + 1, entries[0]?.payload.userSeq ?? Infinity);
  const chatsBrought = new Set(
    entries.filter(({ payload }) => 'chat' in payload).map(({ payload }) => payload.userSeq),
  );
  const expected = events
    .filter((event) => event.userSeq >= first)
    .flatMap((event) => ownEventView(world, user, event) ?? [])
    .map(({ event, payload }) => {
      const { chat, ...others } = payload;
      // What hides brings the chat with the last of its kind in a page alone.
      const isBrought = !HIDING.has(event) || chatsBrought.has(Number(payload['userSeq']));
      return { event, payload: chat !== undefined && isBrought ? payload : others };
    });
  requireEqual(entries, expected, `${what}: the own stream`);
}

function checkChats(
  world: World,
  user: string,
  since: Position,
  entries: readonly Entry[],
  what: string,
): void {
  const byChat = Map.groupBy(entries, ({ payload }) => String(payload.chatId));
  for (const chat of world.chatsOf(user)) {
    const found = byChat.get(chat.name) ?? [];
    byChat.delete(chat.name);
    const { joinedSeq } = memberOf(chat, user);
    const joins: OwnEvent[] = world
      .user(user)
      .events.filter((event) => event.chat === chat && event.event === 'chatAdded');
    const isNew = (joins.at(-1)?.userSeq ?? 0) > since.userSeq;
    const known = isNew ? joinedSeq - 1 : (since.seqs.get(chat) ?? 0);
    const first = Math.min(known + 1, found[0]?.payload.seq ?? Infinity);
    if (first < joinedSeq) throw new Mismatch(`${what}: ${chat.name} from before the joining`);
    const expected = chat.entries
      .filter(({ seq }) => seq >= first)
      .map((entry) => entryView(entry, user, false));
    requireEqual(found, expected, `${what}: ${chat.name} up to ${lastSeq(chat)}`);
  }
  requireEqual([...byChat.keys()], [], `${what}: chats that are none of his`);
}

/** What a reader is told of a member's marks. */
function updatesOf(world: World, user: string, member: Member, reader: string): unknown[] {
  const marks = marksOf(member, user === reader);
  const seen = marks.seenMoved && !hidesSeen(world, user, reader) ? marks.seen : 0;
  const about = { userId: user, at: TIME };
  return [
    ...(marks.deliveredMoved && marks.delivered > seen
      ? [{ ...about, status: 'delivered', seq: marks.delivered }]
      : []),
    ...(seen > 0 ? [{ ...about, status: 'seen', seq: seen }] : []),
  ];
}

function checkMarks(
  world: World,
  reader: string,
  since: Position,
  entries: readonly Entry[],
  what: string,
): void {
  const chats = new Map(world.chatsOf(reader).map((chat) => [chat.name, chat]));
  const told = new Map<Chat, unknown[]>();
  for (const { payload } of entries) {
    const chat = chats.get(String(payload.chatId));
    if (!chat || told.has(chat)) throw new Mismatch(`${what}: marks of ${payload.chatId}`);
    told.set(chat, payload.updates ?? []);
  }
  for (const chat of chats.values()) {
    for (const [user, member] of chat.members) {
      const found = (told.get(chat) ?? []).filter(
        (update) => (update as { userId: string }).userId === user,
      );
      const isMissing = marksOf(member, user === reader).toldAt > since.at;
      if (found.length === 0 && !isMissing) continue;
      requireEqual(
        found,
        updatesOf(world, user, member, reader),
        `${what}: the marks of ${user} in ${chat.name}`,
      );
    }
  }
}
