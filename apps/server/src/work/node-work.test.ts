import { expect, it } from 'vitest';
import { readConfig } from '../config/config.js';
import { NodeWork } from './node-work.js';

const { capacity } = readConfig({});

it('refuses what is above its capacity, and takes more on when something has ended', () => {
  const work = new NodeWork({ capacity: { ...capacity, requests: 2 } });
  work.begin();
  work.begin();
  expect(() => work.begin()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  expect(work.size).toBe(2);
  work.end();
  work.begin();
  expect(work.size).toBe(2);
});

it('finishes what it has when it drains, and takes nothing more on', async () => {
  const work = new NodeWork({ capacity });
  work.begin();
  work.begin();
  work.drain();
  expect(work.isDraining).toBe(true);
  expect(() => work.begin()).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  let finished = false;
  const finish = work.finish(60_000).then(() => (finished = true));
  work.end();
  await Promise.resolve();
  expect(finished).toBe(false);
  work.end();
  await finish;
});

it('waits for what does not end no longer than it is told to', async () => {
  const work = new NodeWork({ capacity });
  work.begin();
  await work.finish(1);
  expect(work.size).toBe(1);
});
