import { randomUUID } from 'node:crypto';
import {
  settle,
  startTestServer,
  type TestSocket,
  type TestServer,
  type TestUser,
} from '@natter/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

let server: TestServer;
let anna: TestUser;
let ben: TestUser;
let cleo: TestUser;

beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());
beforeEach(async () => {
  [anna, ben, cleo] = await Promise.all([server.user(), server.user(), server.user()]);
});
afterEach(() => {
  for (const user of [anna, ben, cleo]) user.disconnect();
});

/** What a socket was told of typing in a chat, in order. */
function told(socket: TestSocket, chatId: string): string[] {
  return socket.received
    .filter(({ event }) => event === 'typing' || event === 'stopTyping')
    .filter(({ payload }) => (payload as { chatId: string }).chatId === chatId)
    .map(({ event, payload }) => `${event} ${(payload as { userId: string }).userId}`);
}

const pairs = [
  ['typing', 'stopTyping'],
  ['typing_start', 'typing_stop'],
] as const;

it.each(pairs)('TYP-1 %s and %s tell every device of the others', async (start, stop) => {
  const chat = await anna.group([ben, cleo]);
  const benToo = await ben.otherDevice();
  const others = await Promise.all([ben.connect(), benToo.connect(), cleo.connect()]);
  const socket = await anna.connect();
  expect(await socket.command(start, { chatId: chat.id })).toEqual({});
  for (const other of others) {
    expect(await other.next('typing')).toEqual({ chatId: chat.id, userId: anna.id });
  }
  expect(await socket.command(stop, { chatId: chat.id })).toEqual({});
  for (const other of others) {
    expect(await other.next('stopTyping')).toEqual({ chatId: chat.id, userId: anna.id });
  }
  benToo.disconnect();
});

it('TYP-1 own devices are not told, nor who is not in the chat', async () => {
  const chat = await anna.direct(ben);
  await ben.direct(cleo);
  const annaToo = await anna.otherDevice();
  const [socket, own, atBen, stranger] = await Promise.all([
    anna.connect(),
    annaToo.connect(),
    ben.connect(),
    cleo.connect(),
  ]);
  await socket.command('typing', { chatId: chat.id });
  await atBen.next('typing');
  await socket.command('stopTyping', { chatId: chat.id });
  await atBen.next('stopTyping');
  await settle(own, ben, chat.id);
  await settle(stranger, ben, (await ben.direct(cleo)).id);
  for (const { received } of [socket, own, stranger]) {
    expect(received.filter(({ event }) => /typing/i.test(event))).toEqual([]);
  }
  annaToo.disconnect();
});

it.each(pairs.flat())('TYP-1 PRIV-1 T34 %s of a stranger is NOT_FOUND', async (command) => {
  const chat = await anna.direct(ben);
  const [atBen, stranger] = await Promise.all([ben.connect(), cleo.connect()]);
  // Also where he says that he is somebody else (MSG-1).
  const input = { chatId: chat.id, userId: anna.id };
  expect(await stranger.fail(command, input)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await stranger.fail(command, { chatId: randomUUID() })).toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(await stranger.fail(command, { chatId: 'nonsense' })).toMatchObject({ code: 'INVALID' });
  await settle(atBen, anna, chat.id);
  expect(told(atBen, chat.id)).toEqual([]);
});

it('TYP-1 said over and over it is told once in 2 s, and stopped once', async () => {
  const chat = await anna.direct(ben);
  const [socket, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  await Promise.all(
    Array.from({ length: 30 }, () => socket.command('typing', { chatId: chat.id })),
  );
  await Promise.all(
    Array.from({ length: 3 }, () => socket.command('stopTyping', { chatId: chat.id })),
  );
  await settle(atBen, anna, chat.id);
  expect(told(atBen, chat.id)).toEqual([`typing ${anna.id}`, `stopTyping ${anna.id}`]);
});

it('TYP-1 stopTyping without typing is answered and tells nobody', async () => {
  const chat = await anna.direct(ben);
  const [socket, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  expect(await socket.command('stopTyping', { chatId: chat.id })).toEqual({});
  await settle(atBen, anna, chat.id);
  expect(told(atBen, chat.id)).toEqual([]);
});

it.each(['socket', 'HTTP'])('TYP-1 a message by %s ends it', async (door) => {
  const chat = await anna.direct(ben);
  const [socket, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  await socket.command('typing', { chatId: chat.id });
  await atBen.next('typing');
  if (door === 'socket') await socket.send(chat.id, 'said');
  else await settle(atBen, anna, chat.id);
  await atBen.next('stopTyping');
  // What is said after it, too, ends nothing more.
  await settle(atBen, anna, chat.id);
  expect(told(atBen, chat.id)).toEqual([`typing ${anna.id}`, `stopTyping ${anna.id}`]);
});

it('TYP-1 neither a message elsewhere nor one of somebody else ends it', async () => {
  const [chat, other] = [await anna.direct(ben), await anna.group([ben])];
  const [socket, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  await socket.command('typing', { chatId: chat.id });
  await settle(atBen, anna, other.id);
  await ben.call('sendMessage', {
    params: { id: chat.id },
    body: { kind: 'text', text: 'meanwhile', clientMessageId: randomUUID() },
  });
  await settle(atBen, anna, other.id);
  expect(told(atBen, chat.id)).toEqual([`typing ${anna.id}`]);
});

it('TYP-1 it goes on while another device types; the last one to stop ends it', async () => {
  const chat = await anna.direct(ben);
  const annaToo = await anna.otherDevice();
  const [phone, laptop, atBen] = await Promise.all([
    anna.connect(),
    annaToo.connect(),
    ben.connect(),
  ]);
  await phone.command('typing', { chatId: chat.id });
  await laptop.command('typing', { chatId: chat.id });
  // A message of the one, and its last socket, leave the other typing.
  await phone.send(chat.id, 'from the phone');
  anna.disconnect();
  await atBen.next('newMessage', ({ text }) => text === 'from the phone');
  await settle(atBen, ben);
  expect(told(atBen, chat.id)).toEqual([`typing ${anna.id}`]);
  await laptop.command('stopTyping', { chatId: chat.id });
  await atBen.next('stopTyping');
  expect(told(atBen, chat.id)).toEqual([`typing ${anna.id}`, `stopTyping ${anna.id}`]);
  annaToo.disconnect();
});

it("TYP-1 the end of a device's last socket ends it", async () => {
  const chat = await anna.direct(ben);
  const [first, second, atBen] = await Promise.all([anna.connect(), anna.connect(), ben.connect()]);
  await first.command('typing', { chatId: chat.id });
  await atBen.next('typing');
  first.close();
  await settle(atBen, ben);
  expect(told(atBen, chat.id)).toEqual([`typing ${anna.id}`]);
  second.close();
  expect(await atBen.next('stopTyping')).toEqual({ chatId: chat.id, userId: anna.id });
});

it.each(['leaves', 'is removed'])('TYP-1 it ends when the user %s', async (how) => {
  const chat = await ben.group([anna, cleo]);
  const [socket, atCleo] = await Promise.all([anna.connect(), cleo.connect()]);
  await socket.command('typing', { chatId: chat.id });
  await atCleo.next('typing');
  if (how === 'leaves') await socket.command('leaveChat', { chatId: chat.id });
  else await ben.call('removeMember', { params: { id: chat.id, userId: anna.id } });
  expect(await atCleo.next('stopTyping')).toEqual({ chatId: chat.id, userId: anna.id });
  expect(await socket.fail('typing', { chatId: chat.id })).toMatchObject({ code: 'NOT_FOUND' });
  await settle(atCleo, ben, chat.id);
  expect(told(atCleo, chat.id)).toEqual([`typing ${anna.id}`, `stopTyping ${anna.id}`]);
});

it('TYP-1 is in no stream: sync and log know nothing of it', async () => {
  const chat = await anna.direct(ben);
  const [socket, atBen] = await Promise.all([anna.connect(), ben.connect()]);
  const cursor = await atBen.cursor();
  await socket.command('typing', { chatId: chat.id });
  await atBen.next('typing');
  expect((await atBen.command('sync', { cursor })).entries).toEqual([]);
  expect((await ben.call('getLog', { params: { id: chat.id } })).body.entries).toEqual([]);
});
