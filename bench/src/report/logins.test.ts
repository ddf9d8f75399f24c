import { expect, test } from 'vitest';
import type { LatencyFigures } from '../generator/contract.js';
import { describeLogins } from './logins.js';
import type { LoginsFigures } from '../scenarios/logins.js';

const sends = (p99Ms: number): LatencyFigures => ({
  messages: 4000,
  seconds: 8,
  deliveryP50Ms: 1,
  deliveryP99Ms: p99Ms,
  acknowledgementP50Ms: 1,
  acknowledgementP99Ms: p99Ms,
  run: { acknowledged: 5000, delivered: 5000, due: 5000, otherEvents: 0, refused: 0, refusal: '' },
});

const figures: LoginsFigures = {
  sendsPerSecond: 500,
  loginsPerSecond: 50,
  accounts: 200,
  serverCores: '0-1',
  flush: { p50Ms: 1, p99Ms: 2 },
  rounds: [
    {
      quiet: sends(4),
      busy: sends(6),
      logins: {
        asked: 400,
        outcomes: { '200': 398, '503 UNAVAILABLE': 2 },
        carriedOutPerSecond: 49.75,
        meanMs: 31,
      },
    },
  ],
  ratios: {
    acknowledgement: { min: 1.5, median: 1.5, max: 1.5 },
    delivery: { min: 1.5, median: 1.5, max: 1.5 },
  },
  total: {
    acknowledged: 10_000,
    delivered: 10_000,
    due: 10_000,
    otherEvents: 0,
    refused: 0,
    refusal: '',
  },
  verification: { acknowledged: 10_000, stored: 10_000, unexpected: 0, seconds: 1 },
};

test('says the ratio, what became of the logins, and that all is stored', () => {
  const text = describeLogins(figures);
  expect(text).toContain('acknowledgement 1.50, delivery 1.50');
  expect(text).toContain('of 400 logins refused: 503 UNAVAILABLE: 2');
  expect(text).toContain('stored 10000 of 10000 acknowledged');
  expect(text).toContain('may run on cores 0-1');
  expect(text).not.toContain('VOID');
});

test('says that a run is void where a message is missing', () => {
  const verification = { ...figures.verification, stored: 9999 };
  expect(describeLogins({ ...figures, verification })).toContain('VOID');
});
