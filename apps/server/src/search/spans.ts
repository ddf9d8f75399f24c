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

export interface Tokenized {
  readonly message: IndexedMessage;
  readonly tokens: readonly string[];
}

/** Messages of one chat, ascending, that are indexed as one. */
export interface Span {
  readonly messages: IndexedMessage[];
  /** Each token, and which of the span's entries say it: their positions from 1 on, as the units of a string. */
  readonly tokens: Map<string, string>;
}

function hasRoom({ messages, tokens }: Span, { message, tokens: more }: Tokenized): boolean {
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

function add({ messages, tokens }: Span, { message, tokens: more }: Tokenized): void {
  messages.push(message);
  const [first = message] = messages;
  const position = String.fromCharCode(1 + message.seq - first.seq);
  for (const token of more) tokens.set(token, (tokens.get(token) ?? '') + position);
}

/** The messages, which come ascending within each range, in as few spans as they fit into. */
export function spansOf(entries: readonly Tokenized[]): Span[] {
  const spans: Span[] = [];
  for (const entry of entries) {
    if (entry.tokens.length === 0) continue;
    const last = spans.at(-1);
    const span = last && hasRoom(last, entry) ? last : { messages: [], tokens: new Map() };
    if (span !== last) spans.push(span);
    add(span, entry);
  }
  return spans;
}
