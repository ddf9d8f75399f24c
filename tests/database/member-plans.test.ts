import { randomUUID } from 'node:crypto';
import {
  createTestDatabase,
  queryDatabase,
  seedGroup,
  seedGroupsOf,
  startTestServer,
  type TestDatabase,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TableUse, usesOf } from './table-uses.js';

const MEMBERS = 3000;
/** Of three members each: PostgreSQL plans for a chat as small as most of them. */
const SMALL_GROUPS = 4000;
const TABLES = ['members', 'marks', 'users', 'user_streams'];
const PAGE = 50;
/** What one change of a membership, or one send, may read of any table beside what it shows: far below the members. */
const FEW = 100;

let database: TestDatabase;
let owner: TestUser;
let comer: TestUser;
let chatId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const group = await seedGroup(database.url, MEMBERS);
  ({ chatId } = group);
  await seedGroupsOf(database.url, group.userIds.slice(0, 3), SMALL_GROUPS);
  const server = await startTestServer({ databaseUrl: database.url });
  owner = await server.user();
  comer = await server.user();
  await server.stop();
  for (const statement of [
    `insert into members (chat_id, user_id, role, joined_seq) values ($1, $2, 'owner', 0)`,
    'insert into marks (chat_id, user_id) values ($1, $2)',
  ])
    await queryDatabase(database.url, statement, [chatId, owner.id]);
  await queryDatabase(database.url, 'update chats set member_count = $2 where id = $1', [
    chatId,
    MEMBERS + 1,
  ]);
  await queryDatabase(database.url, 'vacuum analyze');
});
afterAll(() => database.drop());

/** None of the tables was read from end to end, nor much of it. */
function expectFewRows(uses: ReadonlyMap<string, TableUse>, most: number): void {
  for (const table of TABLES) {
    expect(uses.get(table)?.scans ?? 0, `scans of ${table}`).toBe(0);
    expect(uses.get(table)?.rows ?? 0, `rows of ${table}`).toBeLessThanOrEqual(most);
    expect(uses.get(table)?.entries ?? 0, `entries of ${table}`).toBeLessThanOrEqual(most);
  }
}

const limits = { groupMembers: 10 * MEMBERS };

it('CHAT-3 pages of the members of a large group read what they show', async () => {
  const pages = 3;
  const uses = await usesOf(database.url, async (url) => {
    const reader = new TestUser(url, owner.session);
    let cursor: string | undefined;
    for (let page = 0; page < pages; page += 1) {
      const query = { limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
      const { body } = await reader.call('listMembers', { params: { id: chatId }, query });
      expect(body.items).toHaveLength(PAGE);
      cursor = body.nextCursor;
    }
  });
  expectFewRows(uses, pages * 2 * (PAGE + 1) + FEW);
});

it('CHAT-3 who is added to a large group and leaves it costs nothing of the others', async () => {
  const uses = await usesOf(
    database.url,
    async (url) => {
      const { body } = await new TestUser(url, owner.session).call('addMembers', {
        params: { id: chatId },
        body: { userIds: [comer.id] },
      });
      expect(body.added).toHaveLength(1);
      await new TestUser(url, comer.session).call('leaveGroup', { params: { id: chatId } });
    },
    { limits },
  );
  // The new member is shown the first twenty of the others.
  expectFewRows(uses, 2 * FEW);
});

it('FAN-1 a message to a large group costs nothing of its members', async () => {
  const uses = await usesOf(database.url, async (url) => {
    const body = { kind: 'text', text: 'to all', clientMessageId: randomUUID() } as const;
    await new TestUser(url, owner.session).call('sendMessage', { params: { id: chatId }, body });
  });
  expectFewRows(uses, FEW);
});
