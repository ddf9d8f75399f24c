import { ClientMessageId } from '@natter/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedMessages, LoadedMessages } from './loaded-messages.js';
import { stored } from './messages.js';
import type { StoredMessage } from './state.js';
import { ANNA, BEN, ME, messageId, text } from './testing/samples.js';

const message = (seq: number, is = `text ${seq}`): StoredMessage =>
  stored(text(seq, ANNA, { text: is }));
const upTo = (last: number): StoredMessage[] =>
  Array.from({ length: last }, (_, index) => message(index + 1));

/** Puts a message in, or takes it out where it has no text. */
const step = fc.record({
  seq: fc.integer({ min: 1, max: 400 }),
  is: fc.option(fc.string(), { freq: 4 }),
});

function after(messages: LoadedMessages, { seq, is }: { seq: number; is: string | null }) {
  return is === null ? messages.without(messageId(seq)) : messages.with(message(seq, is));
}

function byNumber(messages: LoadedMessages): Map<number, string | undefined> {
  return new Map([...messages].map(({ seq, text: is }) => [seq, is]));
}

describe('messages that are loaded', () => {
  it('are as a map of them would be, in their order, whatever happens, and so is each earlier version', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.array(step, { maxLength: 300 }), (last, steps) => {
        let messages = LoadedMessages.of(upTo(last).toReversed());
        const expected = new Map(upTo(last).map(({ seq, text: is }) => [seq, is]));
        const versions = [{ messages, numbers: new Map(expected) }];
        for (const one of steps) {
          messages = after(messages, one);
          if (one.is === null) expected.delete(one.seq);
          else expected.set(one.seq, one.is);
          if (versions.length < 50) versions.push({ messages, numbers: new Map(expected) });
        }
        versions.push({ messages, numbers: expected });
        for (const { messages: version, numbers } of versions) {
          expect(byNumber(version)).toEqual(numbers);
          const seqs = [...byNumber(version).keys()];
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
          expect(version.last?.seq).toBe(seqs.at(-1));
          const lengths = version.chunks.map(({ length }) => length);
          expect(lengths.every((length) => length >= 1 && length <= 64)).toBe(true);
        }
        for (let seq = 1; seq <= 400; seq += 1) {
          expect(messages.get(messageId(seq))?.text).toBe(expected.get(seq));
          expect(messages.has(messageId(seq))).toBe(expected.has(seq));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('differ from others by what has changed', () => {
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (common, steps) => {
        const before = common.reduce(after, LoadedMessages.of(upTo(300)));
        const now = steps.reduce(after, before);
        const patch = changedMessages(before, now);
        for (let seq = 1; seq <= 400; seq += 1) {
          const id = messageId(seq);
          const isSame = before.get(id) === now.get(id);
          expect(patch.has(id)).toBe(!isSame);
          if (!isSame) expect(patch.get(id)).toBe(now.get(id));
        }
      }),
      { numRuns: 60 },
    );
    const some = LoadedMessages.of(upTo(100));
    expect(changedMessages(undefined, some).size).toBe(100);
    expect([...changedMessages(some, undefined).values()]).toEqual(Array(100).fill(undefined));
  });

  it('share all chunks but the one that changed', () => {
    const before = LoadedMessages.of(upTo(640));
    const changed = before.with(message(300, 'another'));
    expect(changed.chunks.filter((chunk) => !before.chunks.includes(chunk))).toHaveLength(1);
    expect(before.with(message(641)).chunks.slice(0, -1)).toEqual(before.chunks);
    expect(before.with(before.last ?? message(1))).toBe(before);
    expect(before.without(messageId(641))).toBe(before);
  });

  it('fill their chunks where they come one after the other', () => {
    const messages = upTo(640).reduce((all, one) => all.with(one), LoadedMessages.of([]));
    expect(messages.chunks).toHaveLength(10);
  });

  it('are found from a number on', () => {
    const messages = LoadedMessages.of(upTo(640)).without(messageId(65));
    expect(messages.chunksFrom(1)).toHaveLength(10);
    expect(messages.chunksFrom(65)[0]?.[0]?.seq).toBe(66);
    expect(messages.chunksFrom(128)[0]?.[0]?.seq).toBe(66);
    expect(messages.chunksFrom(641)).toEqual([]);
  });

  it('are found by the id under which their sender sent them, and by that of no other', () => {
    const id = ClientMessageId.parse('00000000-0000-4000-8000-000000000009');
    const own = stored(text(1, ME, { clientMessageId: id }));
    const copied = stored(text(2, BEN, { clientMessageId: id }));
    const messages = LoadedMessages.of([own]).with(copied);
    expect(messages.sentAs(ME, id)).toBe(own);
    expect(messages.sentAs(BEN, id)).toBe(copied);
    expect(messages.sentAs(ANNA, id)).toBeUndefined();
    expect(messages.without(own.id).sentAs(ME, id)).toBeUndefined();
    expect(LoadedMessages.of([]).with(copied).sentAs(ME, id)).toBeUndefined();
  });
});
