import { errors, type ErrorCode, type ErrorDetail } from '@natter/protocol';

export interface NatterErrorOptions extends ErrorOptions {
  readonly details?: readonly ErrorDetail[];
  /** Milliseconds until another try makes sense; only for retryable codes. */
  readonly retryAfterMs?: number;
}

/** A failure that the caller is told of, by a code of the protocol (ERR-1). Its message is shown to the caller. */
export class NatterError extends Error {
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string = errors[code].title,
    options: NatterErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'NatterError';
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }

  get retryable(): boolean {
    return errors[this.code].retryable;
  }
}

/** An `INVALID` that names one field. */
export function invalid(path: string, message: string): NatterError {
  return new NatterError('INVALID', undefined, { details: [{ path, message }] });
}
