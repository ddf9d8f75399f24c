import type { ErrorCode, RouteArguments, RouteName, RouteOutput, routes } from '@natter/protocol';
import { ChatError, unreachable } from '../errors.js';

type Address<K extends RouteName> = `${(typeof routes)[K]['method']} ${(typeof routes)[K]['path']}`;

/**
 * Where the routes are that answer JSON and are no commands as well. The protocol's own map holds the schemas too, which
 * are many times the size; that the two say the same is checked by the compiler.
 */
const addresses = {
  register: 'POST /v1/auth/register',
  login: 'POST /v1/auth/login',
  refresh: 'POST /v1/auth/refresh',
  logout: 'POST /v1/auth/logout',
  changePassword: 'POST /v1/auth/password',
  listDevices: 'GET /v1/devices',
  renameDevice: 'PATCH /v1/devices/:id',
  revokeDevice: 'DELETE /v1/devices/:id',
  getOwnUser: 'GET /v1/users/me',
  updateProfile: 'PATCH /v1/users/me',
  deleteAccount: 'DELETE /v1/users/me',
  blockUser: 'PUT /v1/users/:id/block',
  unblockUser: 'DELETE /v1/users/:id/block',
  listBlocks: 'GET /v1/users/me/blocks',
  listUsers: 'GET /v1/users',
  getUser: 'GET /v1/users/:id',
  createChat: 'POST /v1/chats',
  listChats: 'GET /v1/chats',
  getChat: 'GET /v1/chats/:id',
  setPreferences: 'PUT /v1/chats/:id/preferences',
  joinGroup: 'POST /v1/chats/:id/join',
  leaveGroup: 'POST /v1/chats/:id/leave',
  listMembers: 'GET /v1/chats/:id/members',
  addMembers: 'POST /v1/chats/:id/members',
  updateChat: 'PATCH /v1/chats/:id',
  deleteChat: 'DELETE /v1/chats/:id',
  changeRole: 'PATCH /v1/chats/:id/members/:userId',
  removeMember: 'DELETE /v1/chats/:id/members/:userId',
  createInvite: 'POST /v1/chats/:id/invite',
  deleteInvite: 'DELETE /v1/chats/:id/invite',
  getInvite: 'GET /v1/invites/:code',
  getHistory: 'GET /v1/chats/:id/messages',
  getMessage: 'GET /v1/messages/:id',
  getReceipts: 'GET /v1/messages/:id/receipts',
  listReactions: 'GET /v1/messages/:id/reactions',
  listStars: 'GET /v1/users/me/stars',
  listPins: 'GET /v1/chats/:id/pins',
  getLog: 'GET /v1/chats/:id/log',
  searchMessages: 'GET /v1/search/messages',
  getMedia: 'GET /v1/media/:id',
  createMediaLinks: 'POST /v1/media/links',
  listMediaDownloads: 'GET /v1/media/:id/downloads',
  getPushKey: 'GET /v1/push/key',
  subscribeToPush: 'PUT /v1/devices/current/push',
  unsubscribeFromPush: 'DELETE /v1/devices/current/push',
} as const satisfies { readonly [K in RouteName]?: Address<K> };

/** The routes that `client.request` knows: all but those that a command, the session or the operator serves better. */
export type ClientRoute = keyof typeof addresses;

/** What a request is made of: `params`, `query` and `body`, as the route declares them. */
export type RequestParts<K extends ClientRoute> = Partial<
  Record<'params' | 'query' | 'body', unknown>
> &
  RouteArguments<K>;

const TIMEOUT_MS = 30_000;

export interface HttpOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly fetch: typeof fetch;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function targetOf(path: string, params: unknown, query: unknown): string {
  const values = isRecord(params) ? params : {};
  const filled = path.replace(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(textOf(values[key])),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(isRecord(query) ? query : {})) {
    if (value !== undefined && value !== null) {
      search.set(key, Array.isArray(value) ? value.join(',') : textOf(value));
    }
  }
  return search.size > 0 ? `${filled}?${search.toString()}` : filled;
}

/** What a status says where its body is none of ours, as of a proxy in between. */
export function codeOf(status: number): ErrorCode {
  if (status === 429) return 'RATE_LIMITED';
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 413) return 'TOO_LARGE';
  return status >= 500 ? 'UNAVAILABLE' : 'INVALID';
}

async function failureOf(response: Response): Promise<ChatError> {
  const { status } = response;
  const isProblem = response.headers.get('content-type')?.includes('problem+json') ?? false;
  const problem: Partial<Omit<ChatError, 'message'>> & { detail?: string } = isProblem
    ? await response.json().catch(() => ({}))
    : {};
  return new ChatError({
    code: problem.code ?? codeOf(status),
    message: problem.detail ?? `The server answered ${status}`,
    // Any 5xx may be over soon, also one that is not the server's own.
    retryable: status >= 500 || status === 429 || status === 408,
    retryAfterMs: problem.retryAfterMs,
    details: problem.details,
    requestId: problem.requestId,
  });
}

/**
 * Calls one route.
 *
 * @throws {ChatError} with the server's code, or `UNAVAILABLE` where it was not reached.
 */
export async function callRoute<K extends ClientRoute>(
  { url, fetch }: HttpOptions,
  name: K,
  { params, query, body }: RequestParts<K>,
  token?: string,
): Promise<RouteOutput<K>> {
  const address: string = addresses[name];
  const space = address.indexOf(' ');
  let response: Response;
  try {
    response = await fetch(url + targetOf(address.slice(space + 1), params, query), {
      method: address.slice(0, space),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw unreachable(error);
  }
  if (!response.ok) throw await failureOf(response);
  try {
    const text = await response.text();
    return JSON.parse(text === '' ? 'null' : text);
  } catch (error) {
    throw unreachable(error);
  }
}
