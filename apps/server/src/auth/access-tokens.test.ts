import { DeviceId, UserId } from '@natter/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { readConfig } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { newId } from '../database/new-id.js';
import { AccessTokens } from './access-tokens.js';

const SECONDS = 900;
const grant = { userId: newId(UserId), deviceId: newId(DeviceId), generation: 1, rotation: 2 };

const clock = new DatabaseClock(new Date());

function accessTokens(secret = 'k'.repeat(64)): AccessTokens {
  return new AccessTokens({ ...readConfig({}), accessTokenSeconds: SECONDS }, secret, clock);
}

afterEach(() => void vi.useRealTimers());

it('AUTH-1 a token names whom it was made for, each time that it is shown', async () => {
  const tokens = accessTokens();
  const token = tokens.issue(grant);
  const caller = await tokens.verify(token);
  expect(caller).toMatchObject({
    userId: grant.userId,
    deviceId: grant.deviceId,
    session: { generation: 1, rotation: 2 },
  });
  expect(await tokens.verify(token)).toEqual(caller);
});

it('T1 one that is like a known one is not known', async () => {
  const tokens = accessTokens();
  const token = tokens.issue(grant);
  await tokens.verify(token);
  const [header, , signature] = token.split('.');
  const [, others] = tokens.issue({ ...grant, userId: newId(UserId) }).split('.');
  const forged = [
    token.slice(0, -1),
    `${header}.${others}.${signature}`,
    accessTokens('l'.repeat(64)).issue(grant),
  ];
  for (const like of forged) {
    await expect(tokens.verify(like), like).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  }
});

it('T3 one that is known expires at its time', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const tokens = accessTokens();
  const token = tokens.issue(grant);
  await tokens.verify(token);
  vi.advanceTimersByTime((SECONDS + 60) * 1000);
  await expect(tokens.verify(token)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'The access token has expired',
  });
});
