import { randomUUID } from 'node:crypto';
import type { Chat, SearchHit } from '@natter/protocol';
import {
  chatsBehindIndex,
  languages,
  queryDatabase,
  startTestServer,
  type TestServer,
  type TestSocket,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let atAnna: TestSocket;
let chat: Chat;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Promise.all([server.user(), server.user()]);
  chat = await anna.direct(ben);
  atAnna = await anna.connect();
});
afterEach(() => {
  anna.disconnect();
  ben.disconnect();
});

/** The rule's limit, from the acknowledgement on. */
const SOON = { timeout: 2000, interval: 20 };

async function search(
  user: TestUser,
  query: string,
  filters: Record<string, string | number> = {},
) {
  const { body } = await user.call('searchMessages', { query: { query, ...filters } });
  return body;
}

async function textsOf(
  user: TestUser,
  query: string,
  filters = {},
): Promise<(string | undefined)[]> {
  return (await search(user, query, filters)).items.map(({ message }) => message.text);
}

/** Resolves when the index has everything that is committed so far. */
async function indexed(): Promise<void> {
  await expect.poll(() => chatsBehindIndex(server.databaseUrl), SOON).toBe(0);
}

function marked({ snippet }: SearchHit): string[] {
  return snippet.ranges.map(([start, end]) => snippet.text.slice(start, end));
}

describe('a message', () => {
  it('SRCH-1 is found within 2 s of its acknowledgement, by both sides', async () => {
    const sent = await atAnna.send(chat.id, 'Where is the Café?');
    await vi.waitFor(async () => {
      const { items } = await search(ben, 'CAFE');
      expect(items).toEqual([
        {
          message: expect.objectContaining({ id: sent.id, text: 'Where is the Café?' }),
          chatId: chat.id,
          snippet: { text: 'Where is the Café?', ranges: [[13, 17]] },
        },
      ]);
    }, SOON);
    expect(await textsOf(anna, 'the where ca')).toEqual(['Where is the Café?']);
    expect(await textsOf(anna, 'whe the')).toEqual([]);
  });

  it('SRCH-1 T75 is not found any more at once when it is edited, and then by its new text', async () => {
    const sent = await atAnna.send(chat.id, 'the old secret');
    await vi.waitFor(async () => expect(await textsOf(ben, 'secret')).toHaveLength(1), SOON);
    await atAnna.command('editMessage', { messageId: sent.id, text: 'the new plan' });
    expect(await textsOf(ben, 'secret')).toEqual([]);
    await vi.waitFor(async () => expect(await textsOf(ben, 'plan')).toHaveLength(1), SOON);
    expect(await textsOf(ben, 'secret')).toEqual([]);
  });

  it('SRCH-1 T75 is not found any more at once when it is deleted, and leaves no token', async () => {
    const sent = await atAnna.send(chat.id, 'the old secret');
    await vi.waitFor(async () => expect(await textsOf(ben, 'secret')).toHaveLength(1), SOON);
    await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'everyone' });
    expect(await textsOf(ben, 'secret')).toEqual([]);
    expect(await textsOf(anna, 'secret')).toEqual([]);
    await vi.waitFor(async () => {
      const tokens = await queryDatabase(
        server.databaseUrl,
        'select from search_tokens where chat_id = $1',
        [chat.id],
      );
      expect(tokens).toHaveLength(0);
    }, SOON);
  });

  it('SRCH-1 T75 is not found by whom it is hidden from, and found by the others', async () => {
    const sent = await atAnna.send(chat.id, 'hidden treasure');
    await atAnna.send(chat.id, 'more treasure');
    await indexed();
    await atAnna.command('deleteMessage', { messageId: sent.id, scope: 'me' });
    expect(await textsOf(anna, 'treasure')).toEqual(['more treasure']);
    expect(await textsOf(ben, 'treasure')).toEqual(['more treasure', 'hidden treasure']);
    const { body } = await ben.call('getChat', { params: { id: chat.id } });
    const atBen = await ben.connect();
    await atBen.command('clearChat', { chatId: chat.id, upToSeq: body.lastSeq });
    expect(await textsOf(ben, 'treasure')).toEqual([]);
    expect(await textsOf(anna, 'treasure')).toEqual(['more treasure']);
  });

  it('SRCH-1 T75 is not found any more at once by who left or was removed', async () => {
    const cleo = await server.user();
    const group = await anna.group([ben, cleo]);
    await atAnna.send(group.id, 'group matters');
    await indexed();
    expect(await textsOf(ben, 'matters')).toHaveLength(1);
    await ben.call('leaveGroup', { params: { id: group.id } });
    await anna.call('removeMember', { params: { id: group.id, userId: cleo.id } });
    expect(await textsOf(ben, 'matters')).toEqual([]);
    expect(await textsOf(cleo, 'matters')).toEqual([]);
    expect(await textsOf(anna, 'matters')).toHaveLength(1);
  });

  it('T75 of a stranger is never found', async () => {
    await atAnna.send(chat.id, 'between us two');
    await indexed();
    const stranger = await server.user();
    expect(await search(stranger, 'between')).toEqual({ items: [] });
  });

  it('SRCH-1 encrypted and system messages are never indexed', async () => {
    const group = await anna.group([ben], { title: 'created' });
    await atAnna.command('sendEncryptedMessage', {
      chatId: group.id,
      clientMessageId: randomUUID(),
      encrypted: { scheme: 'created', ciphertext: 'AAAA', header: 'created' },
    });
    await atAnna.send(group.id, 'created by hand');
    await indexed();
    expect(await textsOf(anna, 'created')).toEqual(['created by hand']);
    const tokens = await queryDatabase(
      server.databaseUrl,
      'select from search_tokens where chat_id = $1',
      [group.id],
    );
    expect(tokens).toHaveLength(1);
  });
});

describe('a search', () => {
  it('SRCH-1 is filtered by chat, sender, kind and time', async () => {
    const group = await anna.group([ben]);
    const atBen = await ben.connect();
    const first = await atAnna.send(chat.id, 'apple one');
    await atBen.send(chat.id, 'apple two');
    await atAnna.send(group.id, 'apple three');
    const last = await atBen.send(group.id, 'apple four');
    await indexed();
    expect(await textsOf(anna, 'apple')).toEqual([
      'apple four',
      'apple three',
      'apple two',
      'apple one',
    ]);
    expect(await textsOf(anna, 'apple', { chatId: chat.id })).toEqual(['apple two', 'apple one']);
    expect(await textsOf(anna, 'apple', { senderId: ben.id })).toEqual(['apple four', 'apple two']);
    expect(await textsOf(anna, 'apple', { senderId: randomUUID() })).toEqual([]);
    expect(await textsOf(anna, 'apple', { kind: 'text' })).toHaveLength(4);
    expect(await textsOf(anna, 'apple', { kind: 'encrypted' })).toEqual([]);
    expect(await textsOf(anna, 'apple', { until: first.createdAt })).toEqual([]);
    expect(await textsOf(anna, 'apple', { since: last.createdAt })).toEqual(['apple four']);
    const between = { since: first.createdAt, until: last.createdAt };
    expect(await textsOf(anna, 'apple', between)).toEqual([
      'apple three',
      'apple two',
      'apple one',
    ]);
  });

  it('SRCH-1 comes in pages, none of them twice, whatever comes meanwhile', async () => {
    const groups = await Promise.all(Array.from({ length: 8 }, () => anna.group([ben])));
    const sent: string[] = [];
    for (let number = 0; number < 40; number += 1) {
      const group = groups[number % groups.length];
      const { id } = await atAnna.send(group?.id ?? '', `pear ${number}`);
      sent.push(id);
    }
    await indexed();
    const read: string[] = [];
    const times: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await search(anna, 'pear', {
        limit: 7,
        ...(cursor !== undefined && { cursor }),
      });
      expect(page.partial).toBeUndefined();
      read.push(...page.items.map(({ message }) => message.id));
      times.push(...page.items.map(({ message }) => message.createdAt));
      cursor = page.nextCursor;
      await atAnna.send(chat.id, 'pear meanwhile');
    } while (cursor !== undefined);
    expect(read.toSorted()).toEqual(sent.toSorted());
    // Two that were sent one after the other may be of one millisecond, and then either comes first.
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('SRCH-1 takes a cursor of its own search and user alone', async () => {
    for (const text of ['plum one', 'plum two']) await atAnna.send(chat.id, text);
    await indexed();
    const { nextCursor: cursor = '' } = await search(anna, 'plum', { limit: 1 });
    const others: Record<string, string>[] = [
      { query: 'other', cursor },
      { query: 'plum', senderId: ben.id, cursor },
      { query: 'plum', cursor: 'nonsense' },
    ];
    for (const query of others) {
      expect(await anna.fail('searchMessages', { query })).toMatchObject({ code: 'INVALID' });
    }
    const foreign = await ben.fail('searchMessages', { query: { query: 'plum', cursor } });
    expect(foreign).toMatchObject({ code: 'INVALID' });
  });

  it('PRIV-1 in a foreign chat is the same as in one that does not exist', async () => {
    const stranger = await server.user();
    const answers = await Promise.all(
      [chat.id, randomUUID()].map((chatId) =>
        stranger.fail('searchMessages', { query: { query: 'hello', chatId } }),
      ),
    );
    const [foreign, missing] = answers.map(({ requestId: _, ...answer }) => answer);
    expect(foreign).toMatchObject({ code: 'NOT_FOUND' });
    expect(foreign).toEqual(missing);
  });

  it.each([
    [{}],
    [{ query: '' }],
    [{ query: ' ' }],
    [{ query: 'x'.repeat(257) }],
    [{ query: 'a\u0000b' }],
    [{ query: 'a', chatId: 'none' }],
    [{ query: 'a', kind: 'none' }],
    [{ query: 'a', since: 'yesterday' }],
    [{ query: 'a', limit: 101 }],
  ])('SRCH-1 refuses %j', async (query) => {
    expect(await anna.fail('searchMessages', { query })).toMatchObject({ code: 'INVALID' });
  });

  it.each([
    ['%', 0],
    ['_', 0],
    ['\\', 0],
    ["'", 0],
    [':*', 0],
    ['!hello', 1],
    ['hello & there', 1],
    ['hello & !nothing', 0],
    ['hello | nothing', 0],
    ['hello <-> there', 1],
    ["'; drop table messages; --", 0],
    ["\\'hello\\'", 1],
    ["hello':* & 'x", 0],
    ['(((((', 0],
    ['a '.repeat(128), 0],
    ['漢'.repeat(256), 0],
    ['😀'.repeat(128), 0],
    ['x'.repeat(256), 0],
    ['\u202e\u200b', 0],
  ])('T54 takes %j literally, which %i messages fit', async (query, hits) => {
    await atAnna.send(chat.id, 'hello there');
    await indexed();
    const { items, partial } = await search(anna, query);
    expect(items).toHaveLength(hits);
    expect(partial).toBeUndefined();
  });

  it('T54 finds nothing of the years before and after all others', async () => {
    await atAnna.send(chat.id, 'hello there');
    await indexed();
    expect(await textsOf(anna, 'hello', { since: '9999-12-31T23:59:59Z' })).toEqual([]);
    expect(await textsOf(anna, 'hello', { until: '0000-01-01T00:00:00Z' })).toEqual([]);
    expect(await textsOf(anna, 'hello', { since: '0000-01-01T00:00:00Z' })).toHaveLength(1);
  });

  it('T49 T54 shows its ranges in UTF-16 units', async () => {
    await atAnna.send(chat.id, '😀😀 naïve \u202ecafé\u202c 東京都');
    await indexed();
    const { items } = await search(anna, 'cafe naive 京都');
    expect(items.map(({ snippet }) => snippet.text)).toEqual(['😀😀 naïve café 東京都']);
    expect(items.flatMap(marked)).toEqual(['naïve', 'café', '京都']);
  });
});

it('SRCH-1 finds sentences of all languages by what they say, and by nothing else', async () => {
  const notes = await anna.direct(anna);
  for (const { text } of languages) await atAnna.send(notes.id, text);
  await indexed();
  for (const { text, found, missed } of languages) {
    for (const query of found) expect(await textsOf(anna, query), query).toContain(text);
    for (const query of missed) expect(await textsOf(anna, query), query).not.toContain(text);
  }
});
