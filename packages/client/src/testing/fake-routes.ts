import type { Device, User } from '@natter/protocol';
import { ChatError } from '../errors.js';
import { toDeviceId } from '../ids.js';
import type { RequestParts } from '../transport/http.js';
import { type FakeChat, refuse } from './fake-chats.js';
import type { FakeWorld } from './fake-world.js';

/** What a fake server answers to a request, as the user whose id is the token. */
export function answerRequest(world: FakeWorld, url: URL, init: RequestInit = {}): Response {
  const token = new Headers(init.headers).get('authorization')?.slice('Bearer '.length);
  const user = world.users.get(token ?? '');
  try {
    if (!user) return refuse('UNAUTHENTICATED');
    const body = typeof init.body === 'string' ? init.body : '';
    return Response.json(
      route(world, user, `${init.method} ${url.pathname}`, url.searchParams, body),
    );
  } catch (thrown) {
    if (!(thrown instanceof ChatError)) throw thrown;
    const { code } = thrown;
    const status = code === 'UNAUTHENTICATED' ? 401 : code === 'NOT_FOUND' ? 404 : 400;
    const problem = { code, detail: thrown.message, requestId: 'fake' };
    return Response.json(problem, {
      status,
      headers: { 'content-type': 'application/problem+json' },
    });
  }
}

function route(
  world: FakeWorld,
  user: User,
  address: string,
  query: URLSearchParams,
  body: string,
): unknown {
  const [, id = '', rest] = /^GET \/v1\/chats\/([^/]+)(?:\/(\w+))?$/.exec(address) ?? [];
  if (rest === 'messages') return history(world.chatOf(id, user), query);
  if (rest === 'log') {
    const after = Number(query.get('after'));
    return { entries: world.chatOf(id, user).entries.slice(after), hasMore: false };
  }
  if (id !== '') return world.chatOf(id, user).view(user);
  const [, mediaId = ''] = /^GET \/v1\/media\/([^/]+)$/.exec(address) ?? [];
  if (mediaId !== '') return world.media.find(mediaId);
  switch (address) {
    case 'GET /v1/users/me':
      return user;
    case 'GET /v1/users':
      return { items: [...world.users.values()] };
    case 'GET /v1/devices':
      return { items: [deviceOf(user)] };
    case 'GET /v1/users/me/blocks':
      return { items: [] };
    case 'GET /v1/chats': {
      const own = query.get('filter') === 'archived' ? [] : world.chatsOf(user);
      return { items: own.map((chat) => chat.view(user)) };
    }
    case 'POST /v1/media/links': {
      const { ids }: RequestParts<'createMediaLinks'>['body'] = JSON.parse(body);
      return world.media.links(ids);
    }
    case 'POST /v1/chats':
      return create(world, user, JSON.parse(body)).view(user);
    default:
      return refuse('INVALID', `The fake server does not know ${address}`);
  }
}

function create(
  world: FakeWorld,
  user: User,
  wanted: RequestParts<'createChat'>['body'],
): FakeChat {
  if (wanted.type === 'group') {
    const members = wanted.memberIds.flatMap((id) => world.users.get(id) ?? []);
    return world.addChat([user, ...members], wanted.title);
  }
  const other = world.users.get(wanted.userId) ?? refuse('NOT_FOUND');
  const known = world.chats.find(
    ({ type, members }) => type === 'direct' && members.includes(user) && members.includes(other),
  );
  return known ?? world.addChat([user, other]);
}

function history(chat: FakeChat, query: URLSearchParams): unknown {
  const [before, after] = [query.get('before'), query.get('after')].map((bound) =>
    bound === null ? undefined : Number(bound),
  );
  const limit = Number(query.get('limit') ?? 50);
  const all = [...chat.messages.values()];
  const fitting = all.filter(({ seq }) => seq < (before ?? Infinity) && seq > (after ?? 0));
  const items = after === undefined ? fitting.slice(-limit) : fitting.slice(0, limit);
  const [first, last] = [items[0], items.at(-1)];
  return {
    items,
    hasMoreBefore: first !== undefined && all[0] !== first,
    hasMoreAfter: last !== undefined && all.at(-1) !== last,
  };
}

function deviceOf({ id, createdAt }: User): Device {
  const times = { createdAt, lastSeenAt: createdAt };
  return {
    id: toDeviceId(id),
    name: 'fake',
    current: true,
    pushEnabled: false,
    ...times,
  };
}
