import {
  type Command,
  commands,
  overRate,
  rateClasses,
  type Route,
  routes,
} from '@natter/protocol';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { complaint } from './complaint.js';

// That each command and each route has a class at all, the compiler sees to.

it('exempt from the rates are the routes without a login, and no others', () => {
  const wrong = Object.entries<Route>(routes)
    .filter(([, { policy, rate }]) => (policy === 'anyone') !== (rate === 'exempt'))
    .map(([name]) => name);
  expect(
    complaint(
      wrong,
      'A route with a login has a rate class, one without has no user to count for:',
    ),
  ).toBe('');
});

it('a command that is ignored over its rate can be answered by an empty object', () => {
  const wrong = Object.entries<Command>(commands)
    .filter(([, { rate }]) => rateClasses[rate].over === 'ignored')
    .filter(([, { output }]) => !z.safeParse(output, {}).success)
    .map(([name]) => name);
  expect(complaint(wrong, 'These have something to tell; refuse or gather them instead:')).toBe('');
});

it('each way over a rate is that of some class', () => {
  const ways = new Set(Object.values(rateClasses).map(({ over }) => over));
  expect([...ways].toSorted()).toEqual(Object.keys(overRate).toSorted());
});
