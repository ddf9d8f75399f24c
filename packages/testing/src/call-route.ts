import { isDeepStrictEqual } from 'node:util';
import { type Problem, type Route, type RouteName, routes } from '@natter/protocol';
import * as z from 'zod/mini';

/** What is sent: whatever it is, so that tests can send what no client would. */
export interface RouteRequest {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: unknown;
  /** In the place of a body; made anew by whoever sends it twice. */
  readonly form?: FormData;
  readonly token?: string;
}

type Output<K extends RouteName> = (typeof routes)[K] extends {
  output: infer T extends z.core.$ZodType;
}
  ? (typeof routes)[K] extends { lines: true }
    ? z.output<T>[]
    : z.output<T>
  : undefined;

export interface RouteResponse<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** @throws where a value has a field that its schema does not declare, or does not fit it. */
export function requireDeclared(schema: z.core.$ZodType, value: unknown, what: string): void {
  const parsed = z.parse(schema, value);
  if (!isDeepStrictEqual(parsed, value)) {
    throw new Error(`${what} holds what the protocol does not declare: ${JSON.stringify(value)}`);
  }
}

function addressOf(url: string, name: RouteName, { params, query }: RouteRequest): string {
  const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => params?.[key] ?? '');
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) search.set(key, String(value));
  return `${url}${path}${search.size > 0 ? `?${search.toString()}` : ''}`;
}

/** What came, as JSON; lines of JSON as a list of them, and what is no JSON as the text that it is. */
function bodyOf(text: string, type: string): unknown {
  if (text === '') return undefined;
  if (!/^application\/(x-ndjson|([\w.-]+\+)?json)\b/.test(type)) return text;
  if (!type.startsWith('application/x-ndjson')) return JSON.parse(text);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Calls a route and reads whatever comes back. */
export async function sendRequest(
  url: string,
  name: RouteName,
  request: RouteRequest = {},
): Promise<RouteResponse<unknown>> {
  const response = await fetch(addressOf(url, name, request), {
    method: routes[name].method,
    headers: {
      ...(request.token !== undefined && { authorization: `Bearer ${request.token}` }),
      ...(request.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    ...(request.form && { body: request.form }),
  });
  const text = await response.text();
  const body = bodyOf(text, response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body };
}

/** Calls a route that is expected to succeed; its answer must be exactly what the protocol declares. */
export async function callRoute<K extends RouteName>(
  url: string,
  name: K,
  request: RouteRequest = {},
): Promise<RouteResponse<Output<K>>> {
  const { status, headers, body } = await sendRequest(url, name, request);
  if (status >= 400) throw new Error(`${name} answered ${status}: ${JSON.stringify(body)}`);
  const { output, lines }: Route = routes[name];
  if (output) requireDeclared(lines ? z.array(output) : output, body, `the answer of ${name}`);
  return { status, headers, body: body as Output<K> };
}

/** Calls a route that is expected to fail. */
export async function failRoute(
  url: string,
  name: RouteName,
  request: RouteRequest = {},
): Promise<Problem> {
  const { status, headers, body } = await sendRequest(url, name, request);
  if (status < 400) throw new Error(`${name} answered ${status} where a failure was expected`);
  if (!headers.get('content-type')?.startsWith('application/problem+json')) {
    throw new Error(`${name} failed without application/problem+json`);
  }
  return body as Problem;
}
