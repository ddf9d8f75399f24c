import { expect, it } from 'vitest';
import { PushSlots } from './push-slots.js';

it('takes a part at once, and never more than all', async () => {
  const slots = new PushSlots(8);
  const ends: (() => void)[] = [];
  const begin = (service: string) =>
    slots.add(service, new Promise<void>((resolve) => ends.push(resolve)));
  expect(slots.free).toBe(2);
  for (let count = 0; count < 7; count += 1) begin(String(count));
  expect(slots.free).toBe(1);
  begin('last');
  expect(slots.free).toBe(0);
  ends.pop()?.();
  await expect.poll(() => slots.free).toBe(1);
  for (const end of ends) end();
  await slots.settle();
  expect(slots.free).toBe(2);
});

it('a service has three quarters of them at most', async () => {
  for (const total of [1, 2, 3, 4, 5, 8, 32]) {
    const slots = new PushSlots(total);
    let begun = 0;
    while (slots.free > 0 && !slots.crowded.includes('slow')) {
      for (let { free } = slots; free > 0; free -= 1) {
        slots.add('slow', new Promise(() => undefined));
        begun += 1;
      }
    }
    expect(begun).toBeLessThanOrEqual(Math.max(1, total * 0.75));
    expect(slots.free > 0 || total === 1).toBe(true);
  }
});
