import type * as z from 'zod/mini';
import {
  ChangePasswordInput,
  Device,
  DeviceList,
  DeviceParams,
  LoginInput,
  RefreshInput,
  RegisterInput,
  RenameDeviceInput,
  Session,
  Tokens,
} from './auth.js';
import {
  AddMembersInput,
  AddMembersOutput,
  Chat,
  ChatParams,
  CreateChatInput,
  Member,
  PageQuery,
} from './chats.js';
import type { ErrorCode } from './errors.js';
import { Health, Readiness } from './health.js';
import { History, HistoryQuery, SendMessageBody, SendMessageOutput } from './messages.js';
import type { Policy } from './policies.js';
import { page } from './primitives.js';
import { Log, LogQuery } from './sync.js';
import { User } from './users.js';

export interface Route {
  readonly summary: string;
  readonly tag: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for parameters. */
  readonly path: string;
  /** Who may use it; all but `anyone` want a bearer token. */
  readonly policy: Policy;
  readonly params?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly body?: z.ZodMiniType;
  /** The status of a success; with `repeatStatus`, of one that made something. */
  readonly status: 200 | 201 | 204;
  /** The status where the same request had been carried out before. */
  readonly repeatStatus?: 200;
  readonly output?: z.ZodMiniType;
  /** Beside `commonErrors`, and `UNAUTHENTICATED` and `DEVICE_REVOKED` where a bearer token is wanted. */
  readonly errors: readonly ErrorCode[];
}

/** Every HTTP route (protocol section 4). */
export const routes = {
  register: {
    summary: 'Makes an account and logs its first device in.',
    tag: 'auth',
    method: 'POST',
    path: '/v1/auth/register',
    policy: 'anyone',
    body: RegisterInput,
    status: 201,
    output: Session,
    errors: ['CONFLICT', 'FORBIDDEN'],
  },
  login: {
    summary: 'Logs a device in.',
    tag: 'auth',
    method: 'POST',
    path: '/v1/auth/login',
    policy: 'anyone',
    body: LoginInput,
    status: 200,
    output: Session,
    errors: ['UNAUTHENTICATED', 'FORBIDDEN'],
  },
  refresh: {
    summary: 'Exchanges a refresh token for its successor and an access token.',
    tag: 'auth',
    method: 'POST',
    path: '/v1/auth/refresh',
    policy: 'anyone',
    body: RefreshInput,
    status: 200,
    output: Tokens,
    errors: ['UNAUTHENTICATED', 'DEVICE_REVOKED'],
  },
  logout: {
    summary: 'Ends the session of the current device.',
    tag: 'auth',
    method: 'POST',
    path: '/v1/auth/logout',
    policy: 'user',
    status: 204,
    errors: [],
  },
  changePassword: {
    summary: 'Sets another password and ends the sessions of all other devices.',
    tag: 'auth',
    method: 'POST',
    path: '/v1/auth/password',
    policy: 'user',
    body: ChangePasswordInput,
    status: 204,
    errors: [],
  },
  listDevices: {
    summary: "The caller's devices, the most recently used first.",
    tag: 'devices',
    method: 'GET',
    path: '/v1/devices',
    policy: 'user',
    status: 200,
    output: DeviceList,
    errors: [],
  },
  renameDevice: {
    summary: 'Names a device.',
    tag: 'devices',
    method: 'PATCH',
    path: '/v1/devices/:id',
    policy: 'user',
    params: DeviceParams,
    body: RenameDeviceInput,
    status: 200,
    output: Device,
    errors: ['NOT_FOUND'],
  },
  revokeDevice: {
    summary: 'Ends the session of a device; its sockets are cut.',
    tag: 'devices',
    method: 'DELETE',
    path: '/v1/devices/:id',
    policy: 'user',
    params: DeviceParams,
    status: 204,
    errors: ['NOT_FOUND'],
  },
  getOwnUser: {
    summary: 'The caller.',
    tag: 'users',
    method: 'GET',
    path: '/v1/users/me',
    policy: 'user',
    status: 200,
    output: User,
    errors: [],
  },
  createChat: {
    summary: 'Opens the direct chat with a user, or makes a group.',
    tag: 'chats',
    method: 'POST',
    path: '/v1/chats',
    policy: 'user',
    body: CreateChatInput,
    status: 201,
    repeatStatus: 200,
    output: Chat,
    errors: ['NOT_FOUND'],
  },
  listChats: {
    summary: "The caller's chats, the most recently active first.",
    tag: 'chats',
    method: 'GET',
    path: '/v1/chats',
    policy: 'user',
    query: PageQuery,
    status: 200,
    output: page(Chat),
    errors: [],
  },
  getChat: {
    summary: 'One chat; of a public group, anybody sees its description.',
    tag: 'chats',
    method: 'GET',
    path: '/v1/chats/:id',
    policy: 'viewer',
    params: ChatParams,
    status: 200,
    output: Chat,
    errors: ['NOT_FOUND'],
  },
  joinGroup: {
    summary: 'Joins a public group; for a member, the chat as it is.',
    tag: 'chats',
    method: 'POST',
    path: '/v1/chats/:id/join',
    policy: 'joiner',
    params: ChatParams,
    status: 200,
    output: Chat,
    errors: ['NOT_FOUND'],
  },
  leaveGroup: {
    summary: 'Leaves a group.',
    tag: 'chats',
    method: 'POST',
    path: '/v1/chats/:id/leave',
    policy: 'leaver',
    params: ChatParams,
    status: 204,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  listMembers: {
    summary: 'The members of a chat, the longest there first.',
    tag: 'chats',
    method: 'GET',
    path: '/v1/chats/:id/members',
    policy: 'member',
    params: ChatParams,
    query: PageQuery,
    status: 200,
    output: page(Member),
    errors: ['NOT_FOUND'],
  },
  addMembers: {
    summary: 'Adds users to a group; those who cannot be added are left out silently.',
    tag: 'chats',
    method: 'POST',
    path: '/v1/chats/:id/members',
    policy: 'adder',
    params: ChatParams,
    body: AddMembersInput,
    status: 200,
    output: AddMembersOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN'],
  },
  getHistory: {
    summary: 'Messages of a chat by seq bounds, ascending.',
    tag: 'messages',
    method: 'GET',
    path: '/v1/chats/:id/messages',
    policy: 'member',
    params: ChatParams,
    query: HistoryQuery,
    status: 200,
    output: History,
    errors: ['NOT_FOUND'],
  },
  sendMessage: {
    summary: 'Sends a message; the same service as the socket command.',
    tag: 'messages',
    method: 'POST',
    path: '/v1/chats/:id/messages',
    policy: 'sender',
    params: ChatParams,
    body: SendMessageBody,
    status: 201,
    repeatStatus: 200,
    output: SendMessageOutput,
    errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
  },
  getLog: {
    summary: "A chat's stream after a seq; fills a gap (SYNC-2).",
    tag: 'sync',
    method: 'GET',
    path: '/v1/chats/:id/log',
    policy: 'member',
    params: ChatParams,
    query: LogQuery,
    status: 200,
    output: Log,
    errors: ['NOT_FOUND'],
  },
  getHealth: {
    summary: 'The process is alive.',
    tag: 'health',
    method: 'GET',
    path: '/healthz',
    policy: 'anyone',
    status: 200,
    output: Health,
    errors: [],
  },
  getReadiness: {
    summary: 'The node takes work: each part it needs, with its state. 503 while one is away.',
    tag: 'health',
    method: 'GET',
    path: '/readyz',
    policy: 'anyone',
    status: 200,
    output: Readiness,
    errors: [],
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
