import { Chat, Session } from '@natter/protocol';
import type { Pair } from './generator/contract.js';
import { postJson } from './http.js';

const PASSWORD = 'only for the benchmark';

/** What an account logs in with; the accounts are numbered from 0 in the order of the pairs. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export function credentialsOf(account: number): Credentials {
  return { username: `bench-${account}`, password: PASSWORD };
}

/** The server hashes two passwords at a time; a few more keep it busy. */
const CONCURRENCY = 8;

/** Calls `make` for each number below `count`, some at once; the results are in order. */
async function makeMany<T>(count: number, make: (number: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  const numbers = Array.from({ length: count }, (_, number) => number).values();
  const makeSome = async (): Promise<void> => {
    for (const number of numbers) made[number] = await make(number);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, makeSome));
  return made;
}

/** Registers two users for each pair, and opens their direct chats. */
export async function createPairs(url: string, count: number): Promise<Pair[]> {
  const sessions = await makeMany(count * 2, (number) =>
    postJson(url, '/v1/auth/register', credentialsOf(number), (body) => Session.parse(body)),
  );
  return makeMany(count, async (number) => {
    const [first, second] = sessions.slice(number * 2, number * 2 + 2);
    if (!first || !second) throw new Error('Unable to pair the users; one is missing');
    const chat = await postJson(
      url,
      '/v1/chats',
      { type: 'direct', userId: second.user.id },
      (body) => Chat.parse(body),
      first.accessToken,
    );
    return { chatId: chat.id, tokens: [first.accessToken, second.accessToken] };
  });
}
