import type { CommandInput, CommandName, CommandOutput, ErrorCode } from '@natter/protocol';
import type { ServerEvent } from '../core/index.js';
import { ChatError, unreachable } from '../errors.js';

/** How long the transport, and then the handshake, may take. */
export const HANDSHAKE_TIMEOUT_MS = 20_000;
/** How long an answer may take before it counts as lost. */
export const ANSWER_TIMEOUT_MS = 20_000;

/** One connection to the server, from its handshake to its end; it is never opened again. */
export interface Connection {
  /**
   * Sends a command and resolves with its answer.
   *
   * @throws {ChatError} with the server's refusal, or `UNAVAILABLE` where no answer came: whether it acted is not known.
   */
  command<K extends CommandName>(name: K, input: CommandInput<K>): Promise<CommandOutput<K>>;
  /** Sends a command whose answer is of no interest, unless the connection is busy or gone. */
  tell<K extends CommandName>(name: K, input: CommandInput<K>): void;
  close(): void;
}

export interface ConnectionEvents {
  readonly event: (event: ServerEvent) => void;
  /** It has ended, for whatever reason but `close`. */
  readonly lost: () => void;
}

/**
 * Makes a connection: resolves after the handshake.
 *
 * @throws {ChatError} with the code of a refused handshake, or `UNAVAILABLE` where the server was not reached.
 */
export type Connect = (url: string, token: string, events: ConnectionEvents) => Promise<Connection>;

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && /^[A-Z_]+$/.test(value);
}

/** A refused handshake carries the server's code; anything else is a server that was not reached. */
export function handshakeFailure(message: string, data: unknown, cause?: unknown): ChatError {
  const code = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
  if (!isCode(code)) return unreachable(cause);
  const retryable = code === 'INTERNAL' || code === 'UNAVAILABLE' || code === 'RATE_LIMITED';
  return new ChatError({ code, message, retryable }, { cause });
}
