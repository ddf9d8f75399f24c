import { commands, routes } from '@natter/protocol';
import { PASSWORD, startTestServer, type TestServer } from '@natter/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandScenarios } from './state/command-scenarios.js';
import { ActingDevice, randomFrom } from './state/followers.js';
import { routeScenarios } from './state/route-scenarios.js';
import { readSnapshot } from './state/snapshot.js';
import { peopleOf, type Scenario, setStage, type Stage } from './state/stage.js';

let server: TestServer;
let stage: Stage | undefined;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
afterEach(() => {
  for (const person of stage ? peopleOf(stage) : []) person.leave();
});

/** Everybody follows on both devices by each of the ways, and all come to what a new device sees. */
async function play(scenario: Scenario, seed: number): Promise<void> {
  stage = await setStage(server, randomFrom(seed));
  await scenario(stage);
  for (const person of peopleOf(stage)) await person.expectSnapshot();
}

describe('state equals snapshot after the command', () => {
  it.each(Object.keys(commands).map((name, index) => ({ name, seed: index })))(
    'SYNC-3 $name',
    async ({ name, seed }) => {
      await play(commandScenarios[name as keyof typeof commandScenarios], seed);
    },
  );
});

describe('state equals snapshot after the request', () => {
  const changing = Object.keys(routes).flatMap((name, index) => {
    const scenario = routeScenarios[name as keyof typeof routeScenarios];
    return typeof scenario === 'string' ? [] : [{ name, scenario, seed: 100 + index }];
  });
  it.each(changing)('SYNC-3 $name', async ({ scenario, seed }) => {
    await play(scenario, seed);
  });
});

describe('state equals snapshot after what takes an account to itself', () => {
  it('SYNC-3 changePassword', async () => {
    const user = await server.user();
    await user.otherDevice();
    const [device] = await ActingDevice.start([user], randomFrom(1));
    await user.call('changePassword', {
      body: { currentPassword: PASSWORD, newPassword: `${PASSWORD} too` },
    });
    const snapshot = await readSnapshot(user);
    expect(snapshot.devices).toHaveLength(1);
    await device?.expectSnapshot(snapshot);
    user.disconnect();
  });

  it('SYNC-3 deleteAccount, of somebody who has written nothing', async () => {
    const [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
    await anna.group([ben, cleo]);
    await anna.direct(ben);
    const [device] = await ActingDevice.start([ben], randomFrom(2));
    const chat = await anna.group([ben, cleo]);
    await cleo.call('setMarks', { params: { id: chat.id }, body: { seenSeq: 1 } });
    await cleo.call('deleteAccount', { body: { password: PASSWORD } });
    const snapshot = await readSnapshot(ben);
    await device?.expectSnapshot(snapshot);
    ben.disconnect();
  });
});
