import { randomBytes } from 'node:crypto';
import { type ChatClient, ChatError, type ChatHandle, createChatClient } from '@natter/client';
import { DisplayName } from '@natter/protocol';
import * as z from 'zod/mini';
import { inParallel } from './in-parallel.js';
import { persist } from './patience.js';
import { requireAllAdded, requireRoomForAll, titleOf } from './room-group.js';
import type { SourceRoom } from './source-rooms.js';
import type { Speaker } from './speaker.js';
import { usernameOf } from './usernames.js';

/** Accounts made at once; the server hashes only a few passwords at a time. */
const REGISTRATIONS = 8;

/** A throw-away account of this run, with its client, which is connected. */
export interface Account {
  readonly username: string;
  readonly password: string;
  readonly userId: string;
  readonly client: ChatClient;
}

/** A person of the conversation, who may speak in several rooms. */
export interface Person extends Account {
  readonly nick: string;
  readonly speaker: Speaker;
}

/** A room as a group of the server. */
export interface StagedRoom extends SourceRoom {
  readonly chat: ChatHandle;
  /** The group's last entry before the first line is sent. */
  readonly lastSeq: number;
  /** Owner of the group; not one of the conversation: listens, and lends the checker its account. */
  readonly host: Account;
}

/** Everybody and everything that a replay needs on the server. */
export interface Cast {
  readonly runId: string;
  readonly people: ReadonlyMap<string, Person>;
  readonly rooms: readonly StagedRoom[];
}

/** What makes the clients of a cast. */
export interface Stage {
  readonly url: string;
  readonly openSpeaker: (username: string) => Promise<Speaker>;
  /** Called for each client, also where nothing comes of it. */
  readonly onClient: (client: ChatClient) => void;
  /** Called after each account. */
  readonly onRegistered: () => void;
}

function nicksOf({ lines }: SourceRoom): string[] {
  return [...new Set(lines.map((line) => line.nick))];
}

async function makeRoom(
  room: SourceRoom,
  host: Account,
  people: ReadonlyMap<string, Person>,
): Promise<StagedRoom> {
  const memberIds = nicksOf(room).flatMap((nick) => people.get(nick)?.userId ?? []);
  const chat = await host.client.chats.createGroup({
    title: titleOf(room.room),
    memberIds,
  });
  const { lastSeq = 0, memberCount = 0 } = chat.getSnapshot() ?? {};
  requireAllAdded(room.room, memberCount, memberIds.length);
  return { ...room, chat, lastSeq, host };
}

/** Registers; logs in where an earlier try got through and its answer did not. */
async function enter(
  client: ChatClient,
  account: { readonly username: string; readonly password: string },
  displayName: string | undefined,
): Promise<string> {
  const credentials = { ...account, deviceName: 'replay' };
  return persist(async () => {
    try {
      return (await client.session.register({ ...credentials, displayName })).user.id;
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== 'CONFLICT') throw error;
      return (await client.session.login(credentials)).user.id;
    }
  });
}

/**
 * Registers the people of the rooms, one account for each nick, and a host for each room, who makes the group.
 */
export async function castOf(
  rooms: readonly SourceRoom[],
  { url, openSpeaker, onClient, onRegistered }: Stage,
): Promise<Cast> {
  for (const room of rooms) requireRoomForAll(room.room, nicksOf(room).length);
  const runId = randomBytes(4).toString('hex');
  const password = randomBytes(18).toString('base64url');
  const register = async (client: ChatClient, username: string, name: string): Promise<Account> => {
    onClient(client);
    const displayName = z.safeParse(DisplayName, name);
    const userId = await enter(client, { username, password }, displayName.data);
    onRegistered();
    return { username, password, userId, client };
  };

  const nicks = [...new Set(rooms.flatMap(nicksOf))];
  const people = await inParallel(nicks, REGISTRATIONS, async (nick, index) => {
    const username = usernameOf(nick, index, runId);
    const speaker = await openSpeaker(username);
    const account = await register(speaker.client, username, nick);
    return [nick, { ...account, nick, speaker }] as const;
  });
  const staged = await inParallel(rooms, REGISTRATIONS, async (room, index) => {
    const username = usernameOf('host', nicks.length + index, runId);
    const host = await register(createChatClient({ url }), username, 'host');
    return makeRoom(room, host, new Map(people));
  });
  return { runId, people: new Map(people), rooms: staged };
}
