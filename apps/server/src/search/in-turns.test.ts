import { expect, it } from 'vitest';
import { mapInTurns } from './in-turns.js';

it('other work has its turn after every few texts of a search, however many there are', async () => {
  const order: string[] = [];
  const done = mapInTurns(
    Array.from({ length: 6 }, (_, index) => ({ text: 'x'.repeat(5000), index })),
    ({ index }) => {
      order.push(`text ${index}`);
      setImmediate(() => order.push('other'));
      return index;
    },
  );
  expect(await done).toEqual([0, 1, 2, 3, 4, 5]);
  const texts = (count: number) => order.slice(0, order.indexOf(`text ${count}`));
  expect(texts(2)).toContain('other');
  expect(texts(4).filter((what) => what === 'other').length).toBeGreaterThan(2);
});
