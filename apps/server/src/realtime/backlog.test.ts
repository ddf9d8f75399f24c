import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Backlog, BURST_MS } from './backlog.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const LIMIT = 1000;
const LONGEST_MS = 30_000;

/** A connection that is written to as Engine.IO does it, and lets go of what it was given when it is told to. */
class SlowConnection extends EventEmitter {
  readonly transport = { writable: true };
  private queue: string[] = [];

  write(text: string): void {
    this.emit('packetCreate', { type: 'message', data: text });
    this.queue.push(text);
    this.flush();
  }

  drain(): void {
    this.transport.writable = true;
    this.flush();
  }

  private flush(): void {
    if (!this.transport.writable || this.queue.length === 0) return;
    this.emit('flush', this.queue);
    this.queue = [];
    this.transport.writable = false;
  }
}

function slow() {
  const connection = new SlowConnection();
  const exceeded = vi.fn<() => void>();
  const limits = { backlogBytes: LIMIT, backlogMs: LONGEST_MS };
  return { connection, exceeded, backlog: new Backlog(connection, limits, exceeded) };
}

it('counts what waits and what is leaving, behind the largest of them', () => {
  const { connection, backlog, exceeded } = slow();
  expect(backlog.bytes).toBe(0);
  for (const size of [100, 300, 500]) connection.write('x'.repeat(size));
  expect(backlog.bytes).toBe(400);
  connection.drain();
  expect(backlog.bytes).toBe(300);
  connection.drain();
  expect(backlog.bytes).toBe(0);
  expect(exceeded).not.toHaveBeenCalled();
});

it('counts bytes and not characters', () => {
  const { connection, backlog } = slow();
  for (const text of ['é', 'é', 'é']) connection.write(text);
  expect(backlog.bytes).toBe(4);
});

it('tells when more waits than the limit, and not before', () => {
  const { connection, exceeded } = slow();
  for (let size = 0; size <= LIMIT; size += 100) connection.write('x'.repeat(100));
  vi.advanceTimersByTime(BURST_MS + 1);
  expect(exceeded).not.toHaveBeenCalled();
  connection.write('x'.repeat(100));
  expect(exceeded).toHaveBeenCalledOnce();
});

it('a burst has its time to leave', () => {
  const { connection, backlog, exceeded } = slow();
  for (let size = 0; size < 10 * LIMIT; size += 100) connection.write('x'.repeat(100));
  vi.advanceTimersByTime(BURST_MS);
  expect(exceeded).not.toHaveBeenCalled();
  expect(backlog.isOver(performance.now())).toBe(false);
  vi.advanceTimersByTime(1);
  expect(backlog.isOver(performance.now())).toBe(true);
});

it('no single packet is too large', () => {
  const { connection, exceeded } = slow();
  connection.write('x'.repeat(100 * LIMIT));
  vi.advanceTimersByTime(BURST_MS + 1);
  connection.write('x'.repeat(LIMIT));
  expect(exceeded).not.toHaveBeenCalled();
  connection.write('x');
  expect(exceeded).toHaveBeenCalledOnce();
});

it('a fast reader is never behind, however much it is sent', () => {
  const { connection, backlog, exceeded } = slow();
  for (let count = 0; count < 1000; count += 1) {
    connection.write('x'.repeat(100));
    connection.drain();
  }
  expect(exceeded).not.toHaveBeenCalled();
  expect(backlog.ageMs(performance.now())).toBe(0);
});

it('is as old as the oldest that has not left', () => {
  const { connection, backlog } = slow();
  connection.write('first');
  vi.advanceTimersByTime(20_000);
  connection.write('second');
  vi.advanceTimersByTime(5000);
  expect(backlog.ageMs(performance.now())).toBe(25_000);
  connection.drain();
  expect(backlog.ageMs(performance.now())).toBe(5000);
  connection.drain();
  expect(backlog.ageMs(performance.now())).toBe(0);
});

it('is over when something has waited too long, however little', () => {
  const { connection, backlog } = slow();
  connection.write('x');
  vi.advanceTimersByTime(LONGEST_MS);
  expect(backlog.isOver(performance.now())).toBe(false);
  vi.advanceTimersByTime(1);
  expect(backlog.isOver(performance.now())).toBe(true);
});
