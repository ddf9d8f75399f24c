import type { ErrorCode, ErrorDetail } from '@natter/protocol';

/** What a failure is made of; plain data, so that it can be stored and sent between tabs. */
export interface ErrorInfo {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  /** Names each field that was wrong (`INVALID`). */
  readonly details?: readonly ErrorDetail[] | undefined;
  /** For the server's operator: its log has the cause under this id. Absent where the server did not answer. */
  readonly requestId?: string | undefined;
}

/**
 * The one error that this package rejects with. Switch over `code`: the union is closed, and docs/errors.md describes
 * each. A server that cannot be reached is `UNAVAILABLE`, without `requestId`.
 */
export class ChatError extends Error implements ErrorInfo {
  override readonly name = 'ChatError';
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly requestId: string | undefined;

  constructor(info: ErrorInfo, options?: ErrorOptions) {
    super(info.message, options);
    this.code = info.code;
    this.retryable = info.retryable;
    this.retryAfterMs = info.retryAfterMs;
    this.details = info.details;
    this.requestId = info.requestId;
  }

  /** The same as plain data. */
  toInfo(): ErrorInfo {
    const { code, message, retryable, retryAfterMs, details, requestId } = this;
    return { code, message, retryable, retryAfterMs, details, requestId };
  }
}

/** The server was not reached, or its answer was not: whether it acted is not known. */
export function unreachable(cause?: unknown): ChatError {
  return new ChatError(
    {
      code: 'UNAVAILABLE',
      message: 'Unable to reach the server; it is tried again',
      retryable: true,
    },
    { cause },
  );
}

export function loggedOut(): ChatError {
  return new ChatError({
    code: 'UNAUTHENTICATED',
    message: 'Nobody is logged in',
    retryable: false,
  });
}

export function invalid(message: string): ChatError {
  return new ChatError({ code: 'INVALID', message, retryable: false });
}

/** Whatever was thrown, as a `ChatError`; what is not one is a fault of this package or its host. */
export function toChatError(thrown: unknown): ChatError {
  if (thrown instanceof ChatError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ChatError({ code: 'INTERNAL', message, retryable: false }, { cause: thrown });
}
