import { setTimeout as delay } from 'node:timers/promises';
import { Chat, errors, type ErrorCode, Problem, Session } from '@natter/protocol';
import * as z from 'zod/mini';
import { PATIENCE_MS, pauseAfter } from './retries.js';

/** How long one answer is awaited: a connection may be half-open. */
const ANSWER_MS = 10_000;

/** An account of this run and its session. */
export interface Account {
  readonly username: string;
  readonly password: string;
}
export interface LoggedIn extends Account {
  readonly userId: string;
  readonly deviceId: string;
  readonly token: string;
}

/** An entry of a chat's log, whatever its event: newer servers have more of them. */
const LogPage = z.object({
  entries: z.array(z.object({ event: z.string(), payload: z.unknown() })),
  hasMore: z.boolean(),
});
export type LogPage = z.output<typeof LogPage>;

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
}

type Response =
  | { readonly body: unknown }
  | { readonly failure: Error; readonly retryAfterMs?: number | undefined };

/** The server's refusal, with its closed code. */
export class RefusedError extends Error {
  constructor(
    readonly code: ErrorCode,
    request: Request,
    detail: string,
  ) {
    super(`Unable to ${request.method} ${request.path}; the server answered ${code}: ${detail}`);
    this.name = 'RefusedError';
  }
}

/** The HTTP routes that a replay needs. A call is repeated while its failure may pass; all of them bear that. */
export class NatterApi {
  private node = 0;

  /** @param urls The nodes: where one cannot be reached, or takes no work, the next is asked. */
  constructor(private readonly urls: readonly string[]) {}

  /** Registers, or logs in where an earlier try got through and its answer did not. */
  async register(account: Account, displayName?: string): Promise<LoggedIn> {
    try {
      const body = { ...account, displayName, device: { name: 'replay' } };
      return toLoggedIn(
        account,
        await this.call({ method: 'POST', path: '/v1/auth/register', body }, Session),
      );
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'CONFLICT') return this.login(account);
      throw error;
    }
  }

  /** With a `deviceId` as that device, whose earlier session ends by it (DEV-1). */
  async login(account: Account, deviceId?: string): Promise<LoggedIn> {
    const body = { ...account, device: { id: deviceId, name: 'replay' } };
    return toLoggedIn(
      account,
      await this.call({ method: 'POST', path: '/v1/auth/login', body }, Session),
    );
  }

  /** Makes a group of the caller and the members; with the same `clientChatId` it is made once. */
  createGroup(
    token: string,
    group: { title: string; memberIds: readonly string[]; clientChatId: string },
  ): Promise<Chat> {
    return this.call(
      { method: 'POST', path: '/v1/chats', token, body: { type: 'group', ...group } },
      Chat,
    );
  }

  readLog(token: string, chatId: string, after: number): Promise<LogPage> {
    return this.call(
      { method: 'GET', path: `/v1/chats/${chatId}/log?after=${after}&limit=500`, token },
      LogPage,
    );
  }

  private async call<T extends z.core.$ZodType>(request: Request, output: T): Promise<z.output<T>> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.fetch(request);
      if ('body' in response) return z.parse(output, response.body);
      const { failure, retryAfterMs } = response;
      if (isFinal(failure) || performance.now() > giveUpAt) throw failure;
      this.node += 1;
      await delay(pauseAfter(attempt, retryAfterMs));
    }
  }

  private async fetch(request: Request): Promise<Response> {
    const url = this.urls[this.node % this.urls.length] ?? '';
    try {
      const { method, path, token, body } = request;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const answer: unknown = await response.json();
      if (response.ok) return { body: answer };
      const { code, detail, retryAfterMs } = z.parse(Problem, answer);
      return { failure: new RefusedError(code, request, detail), retryAfterMs };
    } catch (cause) {
      // `fetch` rejects with a TypeError where the server cannot be reached or its answer was cut off.
      const isLate = cause instanceof DOMException && cause.name === 'TimeoutError';
      if (!isLate && !(cause instanceof TypeError)) throw cause;
      return { failure: new Error(`Unable to reach ${url}`, { cause }) };
    }
  }
}

function isFinal(failure: Error): boolean {
  return failure instanceof RefusedError && !errors[failure.code].retryable;
}

function toLoggedIn(account: Account, { user, device, accessToken }: Session): LoggedIn {
  return { ...account, userId: user.id, deviceId: device.id, token: accessToken };
}
