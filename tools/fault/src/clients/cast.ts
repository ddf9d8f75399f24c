import { randomBytes, randomUUID } from 'node:crypto';
import { DisplayName } from '@natter/protocol';
import {
  inParallel,
  requireAllAdded,
  requireRoomForAll,
  titleOf,
  usernameOf,
} from '@natter/replay';
import * as z from 'zod/mini';
import type { LoggedIn, NatterApi } from './natter-api.js';

/** Accounts made at once; the server hashes only a few passwords at a time. */
const REGISTRATIONS = 8;

/** A person of the conversation, who may speak in several rooms. */
export interface Person extends LoggedIn {
  readonly nick: string;
}

/** A room that is to be, and who speaks in it. */
export interface RoomPlan {
  readonly room: string;
  readonly nicks: readonly string[];
}

/** A room as a group of the server. */
export interface StagedRoom extends RoomPlan {
  readonly chatId: string;
  /** The group's last entry before the first line is sent. */
  readonly lastSeq: number;
  /** Owner of the group; not one of the conversation: listens, and lends the checker its account. */
  readonly host: LoggedIn;
}

/** Everybody and everything that a replay needs on the server. */
export interface Cast {
  readonly runId: string;
  readonly people: ReadonlyMap<string, Person>;
  readonly rooms: readonly StagedRoom[];
}

async function stageRoom(
  api: NatterApi,
  room: RoomPlan,
  host: LoggedIn,
  people: ReadonlyMap<string, Person>,
): Promise<StagedRoom> {
  const memberIds = room.nicks.flatMap((nick) => people.get(nick)?.userId ?? []);
  const { id, lastSeq, memberCount } = await api.createGroup(host.token, {
    title: titleOf(room.room),
    memberIds,
    clientChatId: randomUUID(),
  });
  requireAllAdded(room.room, memberCount, memberIds.length);
  return { ...room, chatId: id, lastSeq, host };
}

/**
 * Registers the people of the rooms, one account for each nick, and a host for each room, who makes the group.
 *
 * @param onRegistered Called after each account.
 */
export async function stage(
  api: NatterApi,
  rooms: readonly RoomPlan[],
  onRegistered: () => void,
): Promise<Cast> {
  for (const room of rooms) requireRoomForAll(room.room, room.nicks.length);
  const runId = randomBytes(4).toString('hex');
  const password = randomBytes(18).toString('base64url');
  const register = async (name: string, number: number): Promise<LoggedIn> => {
    const displayName = z.safeParse(DisplayName, name);
    const username = usernameOf(name, number, runId);
    const account = await api.register({ username, password }, displayName.data);
    onRegistered();
    return account;
  };

  const nicks = [...new Set(rooms.flatMap((room) => room.nicks))];
  const people = await inParallel(nicks, REGISTRATIONS, async (nick, index) => {
    return [nick, { ...(await register(nick, index)), nick }] as const;
  });
  const staged = await inParallel(rooms, REGISTRATIONS, async (room, index) => {
    const host = await register('host', nicks.length + index);
    return stageRoom(api, room, host, new Map(people));
  });
  return { runId, people: new Map(people), rooms: staged };
}
