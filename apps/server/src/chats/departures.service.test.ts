import { randomUUID } from 'node:crypto';
import { ChatId, UserId } from '@natter/protocol';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { DeparturesService } from './departures.service.js';

it('USER-3 DUR-1 a departure that is broken off by a shutdown is not noted as over', async () => {
  const userId = UserId.parse(randomUUID());
  let groups = Array.from({ length: 101 }, () => ChatId.parse(randomUUID()));
  const ended: UserId[] = [];
  const departures = new DeparturesService(
    pino({ level: 'silent' }),
    {
      departing: async () => [userId],
      endDeparture: async (id) => {
        ended.push(id);
      },
    },
    { chatsOf: async (_user, _after, limit) => groups.slice(0, limit) },
    {
      leave: async (_user, left) => {
        groups = groups.filter((id) => id !== left);
        if (groups.length === 50) void departures.beforeApplicationShutdown();
        return 1;
      },
    },
  );
  departures.onApplicationBootstrap();
  await vi.waitFor(() => expect(groups.length).toBeLessThanOrEqual(50));
  await departures.beforeApplicationShutdown();
  expect(groups).toHaveLength(1);
  expect(ended).toEqual([]);
});
