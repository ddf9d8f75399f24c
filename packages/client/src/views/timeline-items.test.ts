import type { Message } from '@natter/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvent, applyHistory, type ClientState, type ServerEvent } from '../core/index.js';
import {
  ANNA,
  at,
  BEN,
  CHAT,
  chatAt,
  chatIn,
  ME,
  messageId,
  said,
  stateWith,
  text,
} from '../core/testing/samples.js';
import { initialModel, type Model } from '../engine/model.js';
import { isSameList } from '../readable.js';
import { coveredBy, withHistory } from '../timeline/islands.js';
import { type TimelineItem, TimelineItems } from './timeline-items.js';

const LAST = 400;
const NOW = at(LAST);
const SENDERS = [ANNA, ME, BEN] as const;

/** Every fifth answers one before it, some of which are not loaded; every seventh expires. */
function written(seq: number): Message {
  const quoted = { messageId: messageId(seq - 3), senderId: ANNA, kind: 'text' as const };
  return text(seq, SENDERS[seq % 3] ?? ANNA, {
    ...(seq % 5 === 0 && { replyTo: { ...quoted, preview: 'before' } }),
    ...(seq % 7 === 0 && { expiresAt: at(LAST + seq) }),
  });
}

const pageOf = (from: number, to: number) => ({
  items: Array.from({ length: to - from + 1 }, (_, index) => written(from + index)),
  hasMoreBefore: from > 1,
  hasMoreAfter: true,
});

function begin(loadedFrom: number): Model {
  const state = stateWith(chatAt(LAST, { lastMessage: written(LAST) }));
  return { ...initialModel, state: applyHistory(state, CHAT, pageOf(loadedFrom, LAST), LAST + 1) };
}

/** What may happen to a message `of` a number, as the entry `seq` or the own event of that number. */
const happenings: readonly ((of: number, seq: number) => ServerEvent)[] = [
  (_, seq) => said(written(seq)),
  (of, seq) => ({
    event: 'messageEdited',
    payload: {
      chatId: CHAT,
      seq,
      message: { ...written(of), text: `edit ${seq}`, editedAt: at(seq) },
    },
  }),
  (of, seq) => ({
    event: 'messageDeleted',
    payload: {
      chatId: CHAT,
      seq,
      messageId: messageId(of),
      scope: 'everyone',
      deletedBy: ANNA,
      at: at(seq),
    },
  }),
  (of, seq) => ({
    event: 'reactionChanged',
    payload: {
      chatId: CHAT,
      seq,
      messageId: messageId(of),
      userId: ANNA,
      emoji: '👍',
      added: true,
      reactions: [{ emoji: '👍', count: seq }],
    },
  }),
  (of, seq) => ({
    event: 'messageHidden',
    payload: { chatId: CHAT, userSeq: seq, messageId: messageId(of) },
  }),
  (of, seq) => ({
    event: 'messageStatusUpdated',
    payload: { chatId: CHAT, updates: [{ userId: ANNA, status: 'seen', seq: of, at: at(seq) }] },
  }),
  (_, seq) => ({
    event: 'userUpdated',
    payload: { user: { id: ANNA, username: 'anna', displayName: `Anna ${seq}` } },
  }),
];

const step = fc.record({
  what: fc.integer({ min: 0, max: happenings.length }),
  of: fc.integer({ min: 1, max: LAST }),
});

function happened(model: Model, { what, of }: { what: number; of: number }): Model {
  const { state } = model;
  if (!state) return model;
  const happening = happenings[what];
  if (happening) {
    const seq = chatIn(state).lastSeq + 1;
    const event = happening(of, seq);
    return { ...model, state: applyEvent({ ...state, userSeq: seq - 1 }, event) };
  }
  const page = pageOf(Math.max(1, of - 20), of);
  return withHistory(model, CHAT, page, coveredBy(page, { around: of }));
}

function shown(maker: TimelineItems, model: Model, now = NOW): readonly TimelineItem[] {
  return model.state ? maker.of(model, model.state, chatIn(model.state), now) : [];
}

describe('the items of a timeline', () => {
  it('are, whatever happens, the same that would be made anew', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LAST }), fc.array(step), (loadedFrom, steps) => {
        const kept = new TimelineItems();
        let model = begin(loadedFrom);
        for (const one of steps) {
          model = happened(model, one);
          expect(isSameList(shown(kept, model), shown(new TimelineItems(), model))).toBe(true);
        }
        for (const now of [at(LAST * 1.5), at(LAST * 2)]) {
          const anew = shown(new TimelineItems(), model, now);
          expect(isSameList(shown(kept, model, now), anew)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are those of the loaded ranges, with a gap between any two', () => {
    let model = begin(300);
    for (const of of [100, 200]) model = happened(model, { what: happenings.length, of });
    const items = shown(new TimelineItems(), model);
    const numbers = items.map((item) => (item.type === 'gap' ? item.key : item.seq));
    expect(numbers.slice(0, 23)).toEqual([
      ...pageOf(80, 100).items.map(({ seq }) => seq),
      'gap-100-180',
      180,
    ]);
    expect(items.filter(({ type }) => type === 'gap').map(({ key }) => key)).toEqual([
      'gap-100-180',
      'gap-200-300',
    ]);
    expect(items).toHaveLength(21 + 1 + 21 + 1 + 101);
  });

  it('show nothing of a message that was deleted before it was loaded', () => {
    const quoted = {
      messageId: messageId(3),
      senderId: ANNA,
      kind: 'text',
      preview: 'before',
    } as const;
    const start = applyEvent(stateWith(chatAt(9)), said(text(10, ANNA, { replyTo: quoted })));
    const deletion = happenings[2]?.(3, 11);
    const maker = new TimelineItems();
    const previewIn = (state: ClientState) => {
      const item = shown(maker, { ...initialModel, state }).at(-1);
      return item?.type === 'message' ? item.replyTo?.preview : 'no message';
    };
    expect(previewIn(start)).toBe('before');
    expect(deletion && previewIn(applyEvent(start, deletion))).toBeUndefined();
  });
});
