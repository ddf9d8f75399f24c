import {
  sendRequest,
  startTestServer,
  testConfig,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;

beforeAll(async () => {
  server = await startTestServer();
  anna = await server.user();
});
afterAll(() => server.stop());

describe('an invite', () => {
  it('T15 raced by ten through both doors fills the group to its limit and never past it', async () => {
    const limits = { ...testConfig('').limits, groupMembers: 4 };
    const small = await startTestServer({ limits });
    const owner = await small.user();
    const chat = await owner.group();
    const params = { id: chat.id };
    const { body: invite } = await owner.call('createInvite', { params });
    const guests = await Promise.all(Array.from({ length: 10 }, () => small.user()));
    const codes = await Promise.all(
      guests.map(async (guest, index) => {
        if (index % 2 === 0) {
          const request = { params, token: guest.token, body: invite };
          const { status, body } = await sendRequest(small.url, 'joinGroup', request);
          return status < 300 ? 'joined' : (body as { code: string }).code;
        }
        const socket = await guest.connect();
        const answer = await socket.answer('joinChat', { chatId: chat.id, ...invite });
        return answer.ok ? 'joined' : answer.error.code;
      }),
    );
    expect(codes.filter((code) => code === 'joined')).toHaveLength(3);
    expect(codes.filter((code) => code === 'TOO_LARGE')).toHaveLength(7);
    const { body: members } = await owner.call('listMembers', { params });
    expect(members.items).toHaveLength(4);
    expect((await owner.call('getChat', { params })).body.memberCount).toBe(4);
    for (const guest of guests) guest.disconnect();
    await small.stop();
  });

  it('T15 that is ended while ten use it lets in whoever came before, and nobody after', async () => {
    const chat = await anna.group();
    const params = { id: chat.id };
    const { body: invite } = await anna.call('createInvite', { params });
    const guests = await Promise.all(Array.from({ length: 11 }, () => server.user()));
    const late = guests.pop();
    const [joins] = await Promise.all([
      Promise.all(
        guests.map(({ token }) =>
          sendRequest(server.url, 'joinGroup', { params, token, body: invite }),
        ),
      ),
      anna.call('deleteInvite', { params }),
    ]);
    const joined = joins.filter(({ status }) => status === 200).length;
    for (const { status } of joins) expect([200, 404]).toContain(status);
    expect((await anna.call('getChat', { params })).body.memberCount).toBe(1 + joined);
    expect(await late?.fail('joinGroup', { params, body: invite })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await anna.call('getChat', { params })).body.memberCount).toBe(1 + joined);
  });
});
