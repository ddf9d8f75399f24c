import * as z from 'zod/mini';

/** Every way in which a request can fail (rule ERR-1): closed, so that clients can switch over it. */
export const errors = {
  INVALID: {
    status: 400,
    retryable: false,
    title: 'The input is not valid',
    when: 'The input fails its schema or a rule; `details` names each field.',
  },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    title: 'Authentication is required',
    when: 'There is no token, it is malformed or expired, or the password is wrong.',
  },
  DEVICE_REVOKED: {
    status: 401,
    retryable: false,
    title: 'This device session has ended',
    when: "The token's device session was revoked, logged out or replaced.",
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    title: 'This is not allowed',
    when: 'The caller may see the thing but may not do this to it.',
  },
  NOT_FOUND: {
    status: 404,
    retryable: false,
    title: 'Not found',
    when: 'It does not exist, or the caller may not know that it does.',
  },
  CONFLICT: {
    status: 409,
    retryable: false,
    title: 'This conflicts with what is stored',
    when: 'The username is taken, or the same client id came with other content.',
  },
  TOO_LARGE: {
    status: 413,
    retryable: false,
    title: 'This is too large',
    when: 'A text, group, frame or body is over its limit.',
  },
  UNSUPPORTED_MEDIA: {
    status: 415,
    retryable: false,
    title: 'This content type is not supported',
    when: 'The content type is refused, or the content does not match it.',
  },
  CLIENT_TOO_OLD: {
    status: 426,
    retryable: false,
    title: 'This client is too old',
    when: 'The protocol version is below the minimum that the server speaks.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    title: 'Too many requests',
    when: '`retryAfterMs` says when to try again.',
  },
  INTERNAL: {
    status: 500,
    retryable: true,
    title: 'Something went wrong on the server',
    when: 'Anything else. The cause is logged under the request id and never shown.',
  },
  UNAVAILABLE: {
    status: 503,
    retryable: true,
    title: 'The server cannot answer right now',
    when: 'The database is away, a lock is held too long, or the node is draining.',
  },
} as const;

export type ErrorCode = keyof typeof errors;

function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errors, value);
}

export const errorCodes: readonly ErrorCode[] = Object.keys(errors).filter(isErrorCode);

export const ErrorCode = z.enum(errorCodes);

export const ErrorDetail = z.object({ path: z.string(), message: z.string() });
export type ErrorDetail = z.output<typeof ErrorDetail>;

/** The `error` of a socket acknowledgement (ACK-1). */
export const CommandError = z
  .object({
    code: ErrorCode,
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.optional(z.int()),
    details: z.optional(z.array(ErrorDetail)),
    requestId: z.string(),
  })
  .register(z.globalRegistry, { id: 'CommandError' });
export type CommandError = z.output<typeof CommandError>;

/** The body of every failed HTTP request, `application/problem+json` (RFC 9457). */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: ErrorCode,
    requestId: z.string(),
    details: z.optional(z.array(ErrorDetail)),
    retryAfterMs: z.optional(z.int()),
  })
  .register(z.globalRegistry, { id: 'Problem' });
export type Problem = z.output<typeof Problem>;
