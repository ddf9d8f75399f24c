import type * as z from 'zod/mini';
import type { ErrorCode } from './errors.js';
import type { Policy } from './policies.js';
import type { RouteRate } from './rates.js';

/** One HTTP route (docs/protocol.md, HTTP). */
export interface Route {
  readonly summary: string;
  readonly tag: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for parameters. */
  readonly path: string;
  /** Who may use it; all but `anyone` want a bearer token. */
  readonly policy: Policy;
  /** What it counts as for the limits of its device and user. */
  readonly rate: RouteRate;
  readonly params?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly body?: z.ZodMiniType;
  /** The text fields of a `multipart/form-data` body; its last part is one file, named `file`. */
  readonly form?: z.ZodMiniType;
  /** The status of a success; with `repeatStatus`, of one that made something. */
  readonly status: 200 | 201 | 204;
  /** The status where the same request had been carried out before. */
  readonly repeatStatus?: 200;
  readonly output?: z.ZodMiniType;
  /** The answer is a stream of `output`, a line of JSON each (`application/x-ndjson`). */
  readonly lines?: true;
  /** The answer is the bytes of a file. `HEAD` is answered, too, and ranges. */
  readonly bytes?: true;
  /** A `link` in the query, which the server signed, stands for the bearer token. */
  readonly signed?: true;
  /** Beside `commonErrors`, and `UNAUTHENTICATED` and `DEVICE_REVOKED` where a bearer token is wanted. */
  readonly errors: readonly ErrorCode[];
}
