import { startTestServer, type TestServer } from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('two people talk', async () => {
  const [anna, ben] = await Promise.all([server.user(), server.user()]);
  const [atAnna, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const chat = await anna.direct(ben);
  await atBen.next('chatAdded');
  const sent = await atAnna.send(chat.id, 'hello');
  const received = await atBen.next('newMessage');
  expect(received).toEqual(sent);
  expect(atAnna.of('newMessage')).toEqual([]);
});
