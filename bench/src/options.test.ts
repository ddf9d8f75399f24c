import { describe, expect, test } from 'vitest';
import { readOptions, UsageError } from './options.js';

describe('readOptions', () => {
  test('runs the quick scenarios where none is named', () => {
    const options = readOptions(['--quick']);
    expect(options.scenarios).toEqual(['durable', 'latency', 'groups', 'idle']);
    expect(options.rateLimits).toBe('on');
    expect(options.jsonFile).toBeUndefined();
  });

  test.each([['--help'], ['-h']])('%s asks for help alone', (word) => {
    expect(readOptions([word]).help).toBe(true);
    expect(readOptions([]).help).toBe(false);
  });

  test('takes what is asked for', () => {
    const words = ['--quick', '--only', 'idle', '--connections', '50', '--json', 'figures.json'];
    const options = readOptions(words);
    expect(options.scenarios).toEqual(['idle']);
    expect(options.connections).toBe(50);
    expect(options.jsonFile).toBe('figures.json');
  });

  test('pins what it measures, unless it is not to', () => {
    expect(readOptions([]).pinned).toBe(true);
    expect(readOptions(['--unpinned']).pinned).toBe(false);
  });

  test('runs the logins where they are named', () => {
    expect(readOptions(['--quick', '--only', 'logins']).scenarios).toEqual(['logins']);
  });

  test('runs everything where it is not to be quick', () => {
    expect(readOptions([]).scenarios).toContain('logins');
    expect(readOptions([]).connections).toBeGreaterThan(readOptions(['--quick']).connections);
  });

  test('grows in the wanted steps', () => {
    const { plan, scenarios } = readOptions(['--grown', '--sizes', '1000,20000']);
    expect(plan.growthSizes).toEqual([1000, 20_000]);
    expect(scenarios).toEqual(['growth']);
  });

  test('lets the groups of the growth be as large as they are to be', () => {
    const { growthGroups, serverSettings } = readOptions(['--grown']).plan;
    const largest = Math.max(...growthGroups.map(({ members }) => members));
    expect(largest).toBe(10_000);
    expect(serverSettings).toMatchObject({ NATTER_MAX_GROUP_MEMBERS: String(largest) });
    expect(readOptions([]).plan.serverSettings).toEqual({});
  });

  test.each([
    [['--quick', '--grown']],
    [['--quick', '--sizes', '1']],
    [['--grown', '--sizes', '2,1']],
    [['--grown', '--sizes', '1,']],
    [['--quick', '--only', 'nothing']],
    [['--quick', '--outstanding', '0']],
    [['--quick', '--outstanding', 'many']],
    [['--quick', '--rate-limits', 'maybe']],
    [['--quick', '--unknown']],
  ])('refuses %j', (words) => {
    expect(() => readOptions(words)).toThrow(UsageError);
  });
});
