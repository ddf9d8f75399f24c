import type { MessageItem, TimelineItem } from '@natter/client';
import { describe, expect, it } from 'vitest';
import { rowsOf, stretchAround } from './rows.js';

function message(seq: number, changes: Partial<MessageItem> = {}): MessageItem {
  const createdAt = new Date(Date.UTC(2026, 0, 15, 12, seq)).toISOString();
  const item = { type: 'message', key: `m${seq}`, seq, kind: 'text', senderId: 'anna', createdAt };
  return { ...item, reactions: [], ...changes } as MessageItem;
}
const BEN = { senderId: 'ben' as MessageItem['senderId'] };
const gap = (afterSeq: number, beforeSeq: number): TimelineItem => ({
  type: 'gap',
  key: `gap-${afterSeq}`,
  afterSeq,
  beforeSeq,
});

const items = [message(1), message(2), gap(2, 6), message(6), gap(6, 9), message(9)];
const keysAround = (key?: string) =>
  stretchAround({ items, hasOlder: false }, key).messages.map((item) => item.key);

describe('a stretch', () => {
  it('is the newest one, or the one around a message', () => {
    expect(keysAround()).toEqual(['m9']);
    expect(keysAround('m6')).toEqual(['m6']);
    expect(keysAround('m1')).toEqual(['m1', 'm2']);
    expect(keysAround('gone')).toEqual(['m9']);
  });

  it('knows the holes beside it', () => {
    const middle = stretchAround({ items, hasOlder: false }, 'm6');
    expect(middle).toMatchObject({
      hasOlder: true,
      gapAbove: { key: 'gap-2' },
      gapBelow: { key: 'gap-6' },
    });
    const first = stretchAround({ items, hasOlder: false }, 'm2');
    expect(first).toMatchObject({ hasOlder: false, gapBelow: { key: 'gap-2' } });
    expect(first.gapAbove).toBeUndefined();
  });

  it('may be empty', () => {
    expect(stretchAround({ items: [], hasOlder: true }, undefined).messages).toEqual([]);
  });
});

describe('rows', () => {
  it('are grouped by who wrote within five minutes', () => {
    const rows = rowsOf([message(1), message(2), message(3, BEN), message(30, BEN)], undefined);
    expect(rows.map(({ startsGroup, endsGroup }) => [startsGroup, endsGroup])).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it('have the divider above what somebody wrote, not above what the system tells', () => {
    const rows = rowsOf([message(1), message(2, { kind: 'system' }), message(3)], 'm2');
    expect(rows.filter(({ startsUnread }) => startsUnread).map(({ key }) => key)).toEqual(['m3']);
  });

  it('begin each day', () => {
    const rows = rowsOf([message(1), message(2), message(60 * 24)], undefined);
    expect(rows.map(({ startsDay }) => startsDay)).toEqual([true, false, true]);
  });
});
