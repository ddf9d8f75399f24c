import type { RouteName, routes } from '@natter/protocol';
import { type RouteRequest, sendRequest, type TestSocket, type TestUser } from '@natter/testing';

/** What there is to read about. */
export interface Topic {
  readonly chatIds: readonly string[];
  readonly messageIds: readonly string[];
  readonly mediaIds: readonly string[];
  readonly userIds: readonly string[];
  /** Of a chat list that is searched. */
  readonly query: string;
  /** A sync cursor of each reader from before everything. */
  readonly cursor: string;
}

type ReadingRoute = {
  [K in RouteName]: (typeof routes)[K] extends { method: 'GET' } ? K : never;
}[RouteName];

const ofEach = (ids: readonly string[], query: RouteRequest['query'] = {}): RouteRequest[] =>
  ids.map((id) => ({ params: { id }, query }));

const searching = (query: string): RouteRequest[] => [{ query: { query: query.slice(0, 256) } }];

/** Every request by which anything can be read. A route that reads without a row does not compile. */
const requests: Record<ReadingRoute, (topic: Topic) => RouteRequest[]> = {
  listDevices: () => [{}],
  getPushKey: () => [{}],
  getOwnUser: () => [{}],
  exportOwn: () => [{}],
  listBlocks: () => [{}],
  listUsers: ({ userIds, query }) => [
    { query: {} },
    ...searching(query),
    { query: { ids: userIds.join(',') } },
  ],
  getUser: ({ userIds }) => ofEach(userIds),
  listChats: ({ query }) => [
    ...['all', 'unread', 'direct', 'group', 'archived', 'public'].map((filter) => ({
      query: { filter },
    })),
    ...searching(query),
  ],
  getChat: ({ chatIds }) => ofEach(chatIds),
  listMembers: ({ chatIds }) => ofEach(chatIds),
  getInvite: ({ query }) => [{ params: { code: encodeURIComponent(query.slice(0, 64)) } }],
  getHistory: ({ chatIds }) => [
    ...ofEach(chatIds, { limit: 100 }),
    ...ofEach(chatIds, { around: 2 }),
    ...ofEach(chatIds, { after: 0, limit: 100 }),
    ...ofEach(chatIds, { before: 1_000_000, limit: 100 }),
  ],
  getMessage: ({ messageIds }) => ofEach(messageIds),
  getMedia: ({ mediaIds }) => ofEach(mediaIds),
  getMediaContent: ({ mediaIds }) => ofEach(mediaIds),
  getMediaThumbnail: ({ mediaIds }) => ofEach(mediaIds),
  getAvatar: () => [{ params: { name: '0'.repeat(32) } }],
  listMediaDownloads: ({ mediaIds }) => ofEach(mediaIds),
  getReceipts: ({ messageIds }) => ofEach(messageIds),
  listReactions: ({ messageIds }) => ofEach(messageIds),
  listStars: () => [{}],
  listPins: ({ chatIds }) => ofEach(chatIds),
  searchMessages: ({ query }) => searching(query),
  getLog: ({ chatIds }) => ofEach(chatIds, { after: 0, limit: 500 }),
  getHealth: () => [{}],
  getReadiness: () => [{}],
};

const readingRoutes = Object.keys(requests) as ReadingRoute[];

/** The answers to everything that a user can ask by HTTP, as text. */
async function readByHttp(user: TestUser, topic: Topic): Promise<string> {
  const answers: unknown[] = [];
  for (const name of readingRoutes) {
    for (const request of requests[name](topic)) {
      const { status, body } = await sendRequest(user.url, name, { token: user.token, ...request });
      answers.push([name, status, body]);
    }
  }
  return answers.map((answer) => JSON.stringify(answer)).join('\n');
}

async function readBySocket(socket: TestSocket, { chatIds, cursor }: Topic): Promise<string> {
  const answers: unknown[] = [];
  for (const chatId of chatIds) answers.push(await socket.answer('joinChat', { chatId }));
  for (const limit of [3, 500]) {
    let page = await socket.command('sync', { cursor, limit });
    answers.push(page);
    while (page.hasMore) {
      page = await socket.command('sync', { cursor: page.cursor, limit });
      answers.push(page);
    }
  }
  return answers.map((answer) => JSON.stringify(answer)).join('\n');
}

/** All that a user can read, by both doors, as text. */
export async function everythingRead(
  user: TestUser,
  socket: TestSocket,
  topic: Topic,
): Promise<string> {
  const byHttp = await readByHttp(user, topic);
  return `${byHttp}\n${await readBySocket(socket, topic)}`;
}

/** Every byte that a socket is sent from now on, frame by frame. */
export function framesOf(socket: TestSocket): string[] {
  const frames: string[] = [];
  socket.raw.io.engine.on('data', (data: unknown) => frames.push(String(data)));
  return frames;
}
