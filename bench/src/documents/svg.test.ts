import { expect, test } from 'vitest';
import { drawBars, drawCurves } from './svg.js';

const spread = (median: number) => ({ min: median * 0.9, median, max: median * 1.1 });

test('a chart of bars has one bar for each figure, and the figures in words', () => {
  const svg = drawBars({
    file: 'x',
    title: 'Fan-out & more',
    unit: 'a second',
    series: ['ours', 'bare'],
    groups: [
      { label: '10 members', bars: [spread(1234), spread(2000)] },
      { label: '100 members', bars: [spread(3000), spread(4000)] },
    ],
  });
  // Two more are in the legend.
  expect(svg.match(/<rect /g)).toHaveLength(6);
  expect(svg).toContain('Fan-out &amp; more (a second)');
  expect(svg).toContain('>1,230<');
  expect(svg).toContain('10 members');
  expect(svg).not.toContain('NaN');
});

test('curves go through their medians, ten times as much one step to the right, more further up', () => {
  const svg = drawCurves({
    file: 'x',
    title: 'Growth',
    unit: 'ms',
    xTitle: 'messages',
    curves: [
      { name: 'search', points: [100, 1000, 10_000].map((x) => ({ x, ...spread(2) })) },
      { name: 'page', points: [{ x: 100, ...spread(1) }] },
    ],
  });
  const [first, second, third] = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) =>
    Number(x),
  );
  expect((third ?? 0) - (second ?? 0)).toBeCloseTo((second ?? 0) - (first ?? 0), 0);
  const [search, , , page] = [...svg.matchAll(/ cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(page).toBeGreaterThan(search ?? 0);
  expect(svg).toContain('10,000');
  expect(svg).not.toContain('NaN');
});

test('a cost too small to be seen by the clock lies at the foot of its curve', () => {
  const points = [
    { x: 100, min: 0, median: 0, max: 0 },
    { x: 1000, ...spread(2) },
  ];
  const svg = drawCurves({
    file: 'x',
    title: 'Growth',
    unit: 'ms',
    xTitle: 'messages',
    curves: [{ name: 'page', points }],
  });
  expect(svg).not.toMatch(/NaN|Infinity/);
});
