import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Metrics } from '../metrics/metrics.js';
import { reportUnreadable, type UnreadableRow, UnreadableRows } from './unreadable-rows.js';

const lines: unknown[] = [];
const logger = pino({}, { write: (line) => lines.push(JSON.parse(line)) });
const rows = new UnreadableRows(logger, new Metrics({ metricsPort: undefined }));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  rows.onModuleInit();
});
afterEach(() => {
  rows.onApplicationShutdown();
  vi.useRealTimers();
});

it('T81 a row that cannot be read is counted with each reading, and warned of once a minute', () => {
  const read = (what: UnreadableRow['what'], seq: number) =>
    reportUnreadable({ what, streamId: 'the chat', seq });
  read('system', 1);
  read('system', 2);
  read('chatEvent', 3);
  vi.advanceTimersByTime(59_999);
  read('system', 4);
  vi.advanceTimersByTime(1);
  read('system', 5);
  const warning = { level: 40, streamId: 'the chat' };
  expect(lines).toMatchObject([
    { ...warning, what: 'system', seq: 1, readings: 1 },
    { ...warning, what: 'chatEvent', seq: 3, readings: 1 },
    { ...warning, what: 'system', seq: 5, readings: 3 },
  ]);
});
