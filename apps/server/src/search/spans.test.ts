import { ChatId } from '@natter/protocol';
import { describe, expect, it } from 'vitest';
import { newId } from '../database/new-id.js';
import { SEGMENT_ENTRIES } from './segments.js';
import { type IndexedMessage, type Span, SPAN_ENTRIES, SpanBuilder } from './spans.js';

const chatId = newId(ChatId);

function tokenized(seq: number, tokens = ['word'], fields: Partial<IndexedMessage> = {}) {
  const message: IndexedMessage = {
    rangeNumber: 1,
    chat_id: chatId,
    seq,
    text: tokens.join(' '),
    created_at: new Date(),
    expires_at: null,
    ...fields,
  };
  return { message, tokens };
}

function spansOf(entries: ReturnType<typeof tokenized>[]): readonly Span[] {
  const builder = new SpanBuilder();
  for (const { message, tokens } of entries) builder.add(message, tokens);
  return builder.spans;
}

const seqsOf = (entries: ReturnType<typeof tokenized>[]) =>
  spansOf(entries).map(({ messages }) => messages.map(({ seq }) => seq));

const timed = { expires_at: new Date() };

describe('messages', () => {
  it('in a row are one span, whose tokens say where they are', () => {
    const [span, ...others] = spansOf([tokenized(7, ['a', 'b']), tokenized(9, ['b', 'c'])]);
    expect(others).toEqual([]);
    expect([...(span?.tokens ?? [])]).toEqual([
      ['a', '\u0001'],
      ['b', '\u0001\u0003'],
      ['c', '\u0003'],
    ]);
  });

  it('without tokens are in none', () => {
    expect(seqsOf([tokenized(1, []), tokenized(2), tokenized(3, []), tokenized(4)])).toEqual([
      [2, 4],
    ]);
  });

  it(`are of one span over ${SPAN_ENTRIES} entries, however many of these are messages`, () => {
    expect(seqsOf([tokenized(1), tokenized(SPAN_ENTRIES)])).toEqual([[1, SPAN_ENTRIES]]);
    expect(seqsOf([tokenized(1), tokenized(SPAN_ENTRIES + 1)])).toEqual([[1], [SPAN_ENTRIES + 1]]);
  });

  it('that disappear are alone, and nothing is indexed across them', () => {
    expect(
      seqsOf([tokenized(1), tokenized(2, ['word'], timed), tokenized(3), tokenized(4)]),
    ).toEqual([[1], [2], [3, 4]]);
  });

  it('of two chats, ranges or segments are of two spans', () => {
    for (const fields of [{ chat_id: newId(ChatId) }, { rangeNumber: 2 }])
      expect(seqsOf([tokenized(1), tokenized(2, ['word'], fields)])).toEqual([[1], [2]]);
    expect(seqsOf([tokenized(SEGMENT_ENTRIES - 1), tokenized(SEGMENT_ENTRIES)])).toEqual([
      [SEGMENT_ENTRIES - 1],
      [SEGMENT_ENTRIES],
    ]);
  });

  it('with very many tokens are not put together', () => {
    const long = Array.from({ length: 5000 }, (_, index) => `word${index}`);
    expect(seqsOf([tokenized(1), tokenized(2, long), tokenized(3), tokenized(4)])).toEqual([
      [1],
      [2],
      [3, 4],
    ]);
  });
});
