import { expect, test } from 'vitest';
import { mapSome, numbersBelow } from './concurrency.js';

test('results come in the order of their items, whichever is ready first', async () => {
  const waiting: (() => void)[] = [];
  const mapped = mapSome(['a', 'b', 'c'], 3, async (item, index) => {
    await new Promise<void>((resolve) => {
      waiting[index] = resolve;
    });
    return item + index;
  });
  for (const goOn of waiting.toReversed()) goOn();
  expect(await mapped).toEqual(['a0', 'b1', 'c2']);
});

test('no more are at work than may be', async () => {
  let [working, most] = [0, 0];
  await mapSome(numbersBelow(20), 3, async () => {
    working += 1;
    most = Math.max(most, working);
    await Promise.resolve();
    working -= 1;
  });
  expect(most).toBe(3);
});

test('the first failure is the failure of all', async () => {
  const fail = () => Promise.reject(new Error('no'));
  await expect(mapSome([1, 2], 2, fail)).rejects.toThrow('no');
});
