import { Chat, routes, Session } from '@natter/protocol';
import { mapSome, numbersBelow } from './concurrency.js';
import type { Room } from './generator/contract.js';
import { postJson } from './http.js';

const PASSWORD = 'only for the benchmark';

/** What an account logs in with; the accounts are numbered from 0 in the order of their registration. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function credentialsOf(account: number): Credentials {
  return { username: `bench-${account}`, password: PASSWORD };
}

/** The server hashes two passwords at a time; a few more keep it busy. */
const AT_ONCE = 8;
/** The ids of about 6,000 people fit into one request. */
const IDS_AT_ONCE = 1000;

/** @param first The number of the first account; none of them may be there. */
export function registerAccounts(url: string, count: number, first = 0): Promise<Session[]> {
  return mapSome(numbersBelow(count), AT_ONCE, (number) =>
    postJson(url, '/v1/auth/register', credentialsOf(first + number), (body) =>
      Session.parse(body),
    ),
  );
}

/** Opens the direct chats of the first with the second, of the third with the fourth, and so on. */
export function createPairs(url: string, sessions: readonly Session[]): Promise<Room[]> {
  return mapSome(numbersBelow(sessions.length / 2), AT_ONCE, (number) =>
    createRoom(url, sessions.slice(number * 2, number * 2 + 2), ([other]) => ({
      type: 'direct',
      userId: other?.user.id,
    })),
  );
}

/** Makes groups of so many members each, one after the other out of the list. */
export function createGroups(
  url: string,
  sessions: readonly Session[],
  members: number,
): Promise<Room[]> {
  return mapSome(numbersBelow(sessions.length / members), AT_ONCE, (number) =>
    createRoom(url, sessions.slice(number * members, (number + 1) * members), (others) => ({
      type: 'group',
      title: `Group of ${members}`,
      memberIds: others.map(({ user }) => user.id),
    })),
  );
}

/** Makes one group, of people and of users who only are members. The first of the people owns it. */
export async function createLargeGroup(
  url: string,
  people: readonly Session[],
  userIds: readonly string[],
): Promise<Room> {
  const [room] = await createGroups(url, people, people.length);
  if (!room) throw new Error('Unable to make a group of nobody');
  for (let from = 0; from < userIds.length; from += IDS_AT_ONCE) {
    const some = userIds.slice(from, from + IDS_AT_ONCE);
    await addMembers(url, room.tokens[0] ?? '', room.chatId, some);
  }
  return room;
}

/** @throws where one of them was left out. */
export async function addMembers(
  url: string,
  token: string,
  chatId: string,
  userIds: readonly string[],
): Promise<void> {
  const { added } = await postJson(
    url,
    `/v1/chats/${chatId}/members`,
    { userIds },
    (body) => routes.addMembers.output.parse(body),
    token,
  );
  if (added.length !== userIds.length) {
    throw new Error(`Unable to add ${userIds.length} members; ${added.length} were added`);
  }
}

async function createRoom(
  url: string,
  [creator, ...others]: readonly Session[],
  describe: (others: readonly Session[]) => object,
): Promise<Room> {
  if (!creator) throw new Error('Unable to make a chat of nobody');
  const chat = await postJson(
    url,
    '/v1/chats',
    describe(others),
    (body) => Chat.parse(body),
    creator.accessToken,
  );
  if (chat.memberCount !== others.length + 1) {
    throw new Error(`Unable to make a chat of ${others.length + 1}; it has ${chat.memberCount}`);
  }
  return { chatId: chat.id, tokens: [creator, ...others].map(({ accessToken }) => accessToken) };
}
