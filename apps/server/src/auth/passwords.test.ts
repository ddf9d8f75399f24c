import { expect, it } from 'vitest';
import { readConfig } from '../config/config.js';
import { Passwords } from './passwords.js';

it('a flood of new passwords does not go before those that are verified', async () => {
  const passwords = new Passwords(readConfig({}));
  const known = await passwords.hash('correct horse battery');
  let hashed = 0;
  let isOver = false;
  const flood = Array.from({ length: 400 }, () =>
    passwords.hash('one of many', () => {
      if (isOver) return Promise.reject(new Error('the flood is over'));
      hashed += 1;
      return Promise.resolve();
    }),
  );
  const settled = Promise.allSettled(flood);
  expect(await passwords.verify('correct horse battery', known)).toBe(true);
  isOver = true;
  // Those that were being hashed, and those that were next.
  expect(hashed).toBeLessThan(40);
  await settled;
});

it('more than 500 new passwords that wait are refused, and a known one is verified all the same', async () => {
  const passwords = new Passwords(readConfig({}));
  const known = await passwords.hash('correct horse battery');
  const isOver = () => Promise.reject(new Error('the flood is over'));
  const flood = Array.from({ length: 700 }, () => passwords.hash('one of many', isOver));
  const verified = passwords.verify('correct horse battery', known);
  const results = await Promise.allSettled(flood);
  const refusals = results.filter(
    (result) => result.status === 'rejected' && 'code' in result.reason,
  );
  expect(refusals.length).toBeGreaterThan(150);
  expect(refusals[0]).toMatchObject({
    reason: { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) },
  });
  expect(await verified).toBe(true);
});
