import { expect, test } from 'vitest';
import { sendFrame, stampIn } from './frames.js';
import { sentAtMsOf, textOf } from './texts.js';

test('a text carries its time of sending to the microsecond', () => {
  const frame = Buffer.from(sendFrame(1, 'chat', 'mine', textOf(1234.5678, 200)));
  expect(sentAtMsOf(stampIn(frame) ?? 0)).toBeCloseTo(1234.568, 6);
});

test.each([40, 200, 1000])('a text of %d bytes is that long, or a space shorter', (bytes) => {
  const text = textOf(1, bytes);
  expect(bytes - Buffer.byteLength(text)).toBeLessThanOrEqual(1);
  expect(JSON.stringify(text)).toHaveLength(text.length + 2);
});
