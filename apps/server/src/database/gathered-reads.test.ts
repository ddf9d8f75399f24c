import { expect, it } from 'vitest';
import { GatheredReads } from './gathered-reads.js';

/** Reads that end when they are told to. */
function heldReads() {
  const statements: { keys: readonly number[]; end: (error?: Error) => void }[] = [];
  const reads = new GatheredReads<number, string>((keys) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    const end = (error?: Error) => (error ? reject(error) : resolve(keys.map(String)));
    statements.push({ keys, end });
    return promise;
  });
  return { reads, statements };
}

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + index);

it('a read alone begins at once', async () => {
  const { reads, statements } = heldReads();
  const read = reads.get(1);
  expect(statements.map(({ keys }) => keys)).toEqual([[1]]);
  statements[0]?.end();
  expect(await read).toBe('1');
});

it('what is asked for while four statements run goes together, 200 at most, each key with its value', async () => {
  const { reads, statements } = heldReads();
  const values = Promise.all(numbers(0, 300).map((key) => reads.get(key)));
  expect(statements).toHaveLength(4);
  statements[2]?.end();
  await expect.poll(() => statements.length).toBe(5);
  expect(statements[4]?.keys).toEqual(numbers(4, 200));
  statements[4]?.end();
  await expect.poll(() => statements.length).toBe(6);
  for (const { end } of statements) end();
  expect(await values).toEqual(numbers(0, 300).map(String));
  void reads.get(7);
  expect(statements.at(-1)?.keys).toEqual([7]);
});

it('a statement that fails fails those in it alone', async () => {
  const { reads, statements } = heldReads();
  const first = Promise.allSettled(numbers(0, 6).map((key) => reads.get(key)));
  statements[0]?.end();
  await expect.poll(() => statements.length).toBe(5);
  statements[4]?.end(new Error('the database is away'));
  for (const { end } of statements) end();
  expect((await first).map(({ status }) => status)).toEqual([
    ...Array<string>(4).fill('fulfilled'),
    'rejected',
    'rejected',
  ]);
});
