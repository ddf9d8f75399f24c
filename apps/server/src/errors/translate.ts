import type { CommandError, Problem } from '@natter/protocol';
import { errors } from '@natter/protocol';
import { HttpException } from '@nestjs/common';
import { NatterError } from './natter-error.js';
import { spread } from './overload.js';

// PostgreSQL's SQLSTATEs after which the same request may well succeed: connection trouble (08), resources (53),
// shutdown and recovery (57P), a standby that is no primary (25006), errors of its system (58), lock and statement timeouts
// (55P03, 57014), deadlock and serialization (40), and names of prepared statements that a pooler has mixed up (26000, 42P05).
const PASSING_SQLSTATE = /^(08...|53...|57P..|25006|58...|55P03|57014|40...|26000|42P05)$/;
/** After these the server behind a connection is on its way out, or no primary any more. */
const LOST_SQLSTATE = /^(08...|57P..|25006)$/;
const FOREIGN_NAME_SQLSTATE = /^(26000|42P05|08P01)$/;
const PASSING_SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'ENOTFOUND',
]);
// Without a code: what the pg driver throws when a connection goes away under a query or none becomes free in time, and
// what we throw where a query is not answered in time.
const PASSING_MESSAGES =
  /connection terminated|query read timeout|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;

/** Of a write where the disk is full, or as much of it as we may have. */
const FULL_DISK_CODES = new Set(['ENOSPC', 'EDQUOT']);

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && FULL_DISK_CODES.has(codeOf(error) ?? '');
}

/** Of an error of the database driver or of the system. */
function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an error of the database driver says that the database is away or busy, rather than that we erred. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (isOutdatedPlan(error)) return true;
  if (code !== undefined) return PASSING_SQLSTATE.test(code) || PASSING_SYSTEM_CODES.has(code);
  return PASSING_MESSAGES.test(error.message);
}

/** Whether the connection on which this happened is of no more use. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  return code === undefined ? PASSING_MESSAGES.test(error.message) : LOST_SQLSTATE.test(code);
}

/** Whether a query was given up on, by us or by PostgreSQL, while it may still have been carried out. */
export function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return codeOf(error) === '57014' || /query read timeout/i.test(error.message);
}

/** Whether a prepared statement failed because a table has changed since, as while a newer version is rolled out. */
export function isOutdatedPlan(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '0A000' && /cached plan/i.test(error.message);
}

/** Whether the name of a prepared statement stood for nothing, or already for something: a pooler is in between. */
export function isForeignName(error: unknown): boolean {
  return error instanceof Error && FOREIGN_NAME_SQLSTATE.test(codeOf(error) ?? '');
}

/** Whether a query was refused because one before it in its transaction had failed. */
export function isFailedTransaction(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '25P02';
}

function fromHttpStatus(status: number, cause: unknown): NatterError {
  if (status === errors.NOT_FOUND.status) return new NatterError('NOT_FOUND');
  if (status === errors.TOO_LARGE.status) return new NatterError('TOO_LARGE');
  if (status === errors.UNSUPPORTED_MEDIA.status) return new NatterError('UNSUPPORTED_MEDIA');
  if (status >= 400 && status < 500) {
    const details = [{ path: '', message: 'could not be read' }];
    return new NatterError('INVALID', 'The request could not be read', { details });
  }
  if (status === errors.UNAVAILABLE.status)
    return new NatterError('UNAVAILABLE', undefined, { cause });
  return new NatterError('INTERNAL', undefined, { cause });
}

/**
 * Whatever was thrown as the error that the caller is shown. What is not of the protocol becomes `INTERNAL`, or
 * `UNAVAILABLE` where the database is away or the disk is full, with the original as its cause, which is for the log alone.
 */
export function toNatterError(error: unknown): NatterError {
  if (error instanceof NatterError) return error;
  if (error instanceof HttpException) return fromHttpStatus(error.getStatus(), error);
  if (isDatabaseAway(error)) {
    return new NatterError('UNAVAILABLE', undefined, { cause: error, retryAfterMs: spread() });
  }
  if (isDiskFull(error)) return new NatterError('UNAVAILABLE', undefined, { cause: error });
  // Fastify's own errors, of the body parser above all, carry the status that they stand for.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return fromHttpStatus(error.statusCode, error);
  }
  return new NatterError('INTERNAL', undefined, { cause: error });
}

/** Whether a failure is ours, and its cause belongs into the log: what a busy node or a client makes fail is none. */
export function isOwnFailure({ code, cause }: NatterError): boolean {
  return code === 'INTERNAL' || (code === 'UNAVAILABLE' && cause !== undefined);
}

/** The value of `Retry-After`: whole seconds, rounded up. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.ceil(retryAfterMs / 1000);
}

export function toCommandError(error: NatterError, requestId: string): CommandError {
  return {
    code: error.code,
    message: error.message,
    retryable: error.retryable,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
    ...(error.details && { details: [...error.details] }),
    requestId,
  };
}

export function toProblem(error: NatterError, requestId: string): Problem {
  const { status, title } = errors[error.code];
  return {
    type: 'about:blank',
    title,
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.details && { details: [...error.details] }),
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  };
}
