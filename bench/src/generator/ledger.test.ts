import { describe, expect, test } from 'vitest';
import { clientMessageIdOf, Ledger, messageNumberOf } from './ledger.js';

const ID = '0199d1f2-7a3b-7c4d-8e5f-0123456789ab';
const OTHER_ID = '0199d1f2-7a3b-7c4d-8e5f-0123456789ac';

describe('Ledger', () => {
  test('holds exactly what was recorded', () => {
    const ledger = new Ledger();
    ledger.record(2, 10, ID);
    expect(ledger.acknowledged).toBe(1);
    expect(ledger.holds(2, 10, ID)).toBe(true);
    expect(ledger.holds(2, 11, ID)).toBe(false);
    expect(ledger.holds(3, 10, ID)).toBe(false);
    expect(ledger.holds(2, 10, OTHER_ID)).toBe(false);
  });

  test('counts a seq that is acknowledged twice', () => {
    const ledger = new Ledger();
    ledger.record(2, 10, ID);
    ledger.record(2, 11, OTHER_ID);
    expect(ledger.acknowledged).toBe(1);
    expect(ledger.repeats).toBe(1);
  });
});

describe('a client message id', () => {
  test.each([0, 1, 255, 4_294_967_296, 1_234_567_890_123])('of %d is a UUID of it', (number) => {
    const id = clientMessageIdOf(number);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(messageNumberOf(id)).toBe(number);
  });
});
