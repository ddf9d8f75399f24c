import type { ChatId } from '@natter/protocol';
import { segmentOf } from './segments.js';

/** Entries of a stream that a span has at most; longer ones take no less of PostgreSQL under load (docs/adr/0020). */
export const SPAN_ENTRIES = 16;
/** Tokens from which on nothing is added to a span: PostgreSQL takes no vector of 1 MiB. */
const FULL_TOKENS = 1000;

export interface IndexedMessage {
  /** Which of the ranges that were asked for it is in. */
  readonly rangeNumber: number;
  readonly chat_id: ChatId;
  readonly seq: number;
  /** Null where there is nothing to find: it is encrypted, of the system, or deleted. */
  readonly text: string | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

/** Messages of one chat, ascending, that are indexed as one. */
export interface Span {
  readonly messages: IndexedMessage[];
  /** Each token, and which of the span's entries say it: their positions from 1 on, as the units of a string. */
  readonly tokens: Map<string, string>;
}

function hasRoom(
  { messages, tokens }: Span,
  message: IndexedMessage,
  more: readonly string[],
): boolean {
  const [first] = messages;
  return (
    first !== undefined &&
    // What is purged takes its tokens with it, and nobody else's.
    first.expires_at === null &&
    message.expires_at === null &&
    first.chat_id === message.chat_id &&
    first.rangeNumber === message.rangeNumber &&
    message.seq < first.seq + SPAN_ENTRIES &&
    segmentOf(message.seq) === segmentOf(first.seq) &&
    tokens.size + more.length <= FULL_TOKENS
  );
}

/** Puts messages into as few spans as they fit into. */
export class SpanBuilder {
  readonly spans: Span[] = [];

  /** Takes a message and what it is found by. They come ascending within each range. */
  add(message: IndexedMessage, tokens: readonly string[]): void {
    if (tokens.length === 0) return;
    const last = this.spans.at(-1);
    const fits = last !== undefined && hasRoom(last, message, tokens);
    const span: Span = fits ? last : { messages: [], tokens: new Map() };
    if (span !== last) this.spans.push(span);
    span.messages.push(message);
    const [first = message] = span.messages;
    const position = String.fromCharCode(1 + message.seq - first.seq);
    for (const token of tokens) span.tokens.set(token, (span.tokens.get(token) ?? '') + position);
  }
}
