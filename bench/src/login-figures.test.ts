import { describe, expect, test } from 'vitest';
import {
  figuresOf,
  type Login,
  type LoginFigures,
  outcomeOf,
  refusalsOf,
} from './login-figures.js';

describe('outcomeOf', () => {
  test.each([
    [{ status: 200, body: { accessToken: 'a' } }, '200'],
    [{ status: 503, body: { code: 'UNAVAILABLE' } }, '503 UNAVAILABLE'],
    [{ status: 502, body: 'no gateway' }, '502'],
  ])('%j is %s', (answer, expected) => {
    expect(outcomeOf(answer)).toBe(expected);
  });
});

describe('figuresOf', () => {
  const login = (askedAtMs: number, answeredAtMs: number, outcome = '200'): Login => ({
    askedAtMs,
    answeredAtMs,
    outcome,
  });

  test('is of the logins that were asked for in the span, with those answered after it', () => {
    const logins = [
      login(900, 1000),
      login(1000, 1100),
      login(2000, 2001, '503 UNAVAILABLE'),
      login(2900, 3200),
      login(3000, 3100),
    ];
    expect(figuresOf(logins, 1000, 3000)).toEqual({
      asked: 3,
      outcomes: { '200': 2, '503 UNAVAILABLE': 1 },
      carriedOutPerSecond: 1,
      meanMs: 200,
    });
  });

  test('has no mean where none was carried out', () => {
    const figures = figuresOf([login(0, 1, 'no answer')], 0, 1000);
    expect(figures.meanMs).toBeNaN();
    expect(figures.carriedOutPerSecond).toBe(0);
  });
});

test('refusals are added up, successes are none', () => {
  const loads: Pick<LoginFigures, 'outcomes'>[] = [
    { outcomes: { '200': 3, '503 UNAVAILABLE': 1 } },
    { outcomes: { '503 UNAVAILABLE': 2, 'no answer': 1 } },
  ];
  expect(refusalsOf(loads)).toEqual({ '503 UNAVAILABLE': 3, 'no answer': 1 });
  expect(refusalsOf([{ outcomes: { '200': 3 } }])).toEqual({});
});
