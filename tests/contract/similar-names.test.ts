import { randomInt } from 'node:crypto';
import { PASSWORD, startTestServer, type TestServer, TestUser } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;
let reader: TestUser;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
  reader = await server.user('reader');
});
afterAll(() => server.stop());

/** A word of its own for each test, so that no name of another is similar. */
function word(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(97 + randomInt(26))).join('');
}

/** The word with two letters in the middle exchanged. */
function mistyped(name: string): string {
  const [a = '', b = ''] = name.slice(5, 7);
  return `${name.slice(0, 5)}${b}${a}${name.slice(7)}`;
}

/** A word of which `mistyped` is another one. */
function distinctWord(): string {
  for (;;) {
    const name = word(12);
    if (mistyped(name) !== name) return name;
  }
}

async function idsOf(user: TestUser, query: Record<string, string | number>): Promise<string[]> {
  const { body } = await user.call('listUsers', { query });
  return body.items.map(({ id }) => id);
}

it('USER-1 a name with a typing error is found, behind those that begin with it', async () => {
  const name = distinctWord();
  const [exact, similar] = [await server.user(name), await server.user(mistyped(name))];
  expect(await idsOf(reader, { query: name })).toEqual([exact.id, similar.id]);
  expect(await idsOf(reader, { query: mistyped(name).toUpperCase() })).toEqual([
    similar.id,
    exact.id,
  ]);
});

it('USER-1 a word of a display name with a typing error is found', async () => {
  const [first, last] = [word(10), distinctWord()];
  const user = await server.user();
  await user.call('updateProfile', { body: { displayName: `${first} ${last}` } });
  expect(await idsOf(reader, { query: mistyped(last) })).toEqual([user.id]);
});

it('USER-1 similar names come once, at the end of the pages', async () => {
  const name = distinctWord();
  const users = [await server.user(`${name}-1`), await server.user(`${name}-2`)];
  const similar = await server.user(mistyped(name));
  const { body: first } = await reader.call('listUsers', { query: { query: name, limit: 1 } });
  expect(first.items.map(({ id }) => id)).toEqual([users[0]?.id]);
  const cursor = first.nextCursor ?? '';
  expect(await idsOf(reader, { query: name, cursor })).toEqual([users[1]?.id, similar.id]);
});

it('T75 a deleted account is not similar to anything', async () => {
  const name = distinctWord();
  const user = await server.user(name);
  expect(await idsOf(reader, { query: mistyped(name) })).toEqual([user.id]);
  await user.call('deleteAccount', { body: { password: PASSWORD } });
  expect(await idsOf(reader, { query: mistyped(name) })).toEqual([]);
});

it('USER-1 nobody is similar where only whole usernames are found', async () => {
  const name = distinctWord();
  const user = await server.user(name);
  const closed = await startTestServer({
    databaseUrl: server.databaseUrl,
    rateLimits: false,
    userDirectory: 'off',
  });
  const there = new TestUser(closed.url, reader.session);
  expect(await idsOf(there, { query: name })).toEqual([user.id]);
  expect(await idsOf(there, { query: mistyped(name) })).toEqual([]);
  await closed.stop();
});

it('T54 nothing in a name is an operator', async () => {
  for (const query of ['%%%%', '____', "''''", '\\\\\\\\', '<%<%', '𝒳𝒳𝒳𝒳']) {
    expect(await idsOf(reader, { query })).toEqual([]);
  }
});

it('CHAT-4 a chat with a typing error in its name is found, behind those that fit', async () => {
  const name = distinctWord();
  const similar = await reader.group([], { title: mistyped(name) });
  const within = await reader.group([], { title: `The ${name}` });
  const exact = await reader.group([], { title: name });
  await reader.group([], { title: word(12) });
  const other = await server.user(`x${name}`);
  const direct = await reader.direct(other);
  const { body } = await reader.call('listChats', { query: { query: name } });
  expect(body.items.map(({ id }) => id)).toEqual([exact.id, direct.id, within.id, similar.id]);
});
