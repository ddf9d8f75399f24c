import { expect, it } from 'vitest';
import { ServiceOutages } from './service-outages.js';

function outages() {
  const clock = { now: 1_000_000 };
  return { clock, outages: new ServiceOutages(1000, () => clock.now) };
}

function fail(to: ServiceOutages, service: string, times: number): boolean[] {
  return Array.from({ length: times }, () => to.noteFailure(service));
}

it('a service is left alone after failures in a row, each time for longer, and no other is', () => {
  const { clock, outages: services } = outages();
  expect(fail(services, 'a', 3)).toEqual([false, false, true]);
  fail(services, 'b', 2);
  expect(services.paused).toEqual(['a']);
  clock.now += 999;
  expect(services.paused).toEqual(['a']);
  clock.now += 1;
  expect(services.paused).toEqual([]);
  expect(services.noteFailure('a')).toBe(true);
  clock.now += 1999;
  expect(services.paused).toEqual(['a']);
  clock.now += 1;
  expect(services.paused).toEqual([]);
});

it('what was under way when the pause began makes it no longer', () => {
  const { clock, outages: services } = outages();
  fail(services, 'a', 50);
  clock.now += 1000;
  expect(services.paused).toEqual([]);
});

it('a success ends it', () => {
  const { outages: services } = outages();
  fail(services, 'a', 3);
  services.noteSuccess('a');
  expect(services.paused).toEqual([]);
  expect(fail(services, 'a', 2)).toEqual([false, false]);
});

it('a pause has an end, and any number of services takes bounded memory', () => {
  const { clock, outages: services } = outages();
  for (let round = 0; round < 2000; round += 1) {
    services.noteFailure('a');
    clock.now += 5 * 60_000;
    expect(services.paused).toEqual([]);
  }
  for (let service = 0; service < 20_000; service += 1) fail(services, String(service), 3);
  expect(services.paused).toHaveLength(10_000);
});
