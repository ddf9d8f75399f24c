import { expect, test } from 'vitest';
import type { Summary } from './summary.js';
import { putIntoPage } from './write-documents.js';

const summary: Summary = {
  name: 'full',
  valid: true,
  text: '\nNatter benchmark, 9 s\n',
  goals: [
    {
      name: 'sends, of echo',
      better: 'more',
      ratio: { min: 0.1, median: 0.2, max: 0.3 },
      floor: 0.1,
      target: 0.25,
      reason: 'It was so.',
      verdict: 'held',
    },
  ],
  bars: [{ file: 'sends', title: 'Sends', unit: 'a second', series: [], groups: [] }],
  curves: [],
};

const page = 'Before\n<!-- figures: full -->old\n<!-- end of figures -->\nAfter\n';

test('figures replace those of an earlier run, and nothing else', () => {
  const written = putIntoPage(page, summary);
  expect(written).toMatch(/^Before\n/);
  expect(written).toMatch(/\nAfter\n$/);
  expect(written).not.toContain('old');
  expect(written).toContain(
    '| sends, of echo | 0.20 (0.10 to 0.30) | ≥ 0.1 | ≥ 0.25 | floor held |',
  );
  expect(written).toContain('![Sends, a second](performance/full-sends.svg)');
  expect(written).toContain('Natter benchmark, 9 s');
  expect(putIntoPage(written, summary)).toBe(written);
});

test('a page without a place for a run is left alone', () => {
  expect(() => putIntoPage(page, { ...summary, name: 'grown' })).toThrow(
    'no place for a grown run',
  );
});
