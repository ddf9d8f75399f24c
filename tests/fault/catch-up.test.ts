import {
  type ChatClient,
  ChatError,
  connectByWebSocket,
  createChatClient,
  memoryStore,
} from '@natter/client';
import type { Chat } from '@natter/protocol';
import { freshName, PASSWORD, startTestServer, type TestServer, TestUser } from '@natter/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { expectedOf, readSnapshot, shownBy } from '../contract/state/snapshot.js';
import { patience, sizes } from './sizes.js';

const CHATS = sizes.missedChats;
const EVENTS = sizes.missedEvents;
/** What others do at once: of each kind one in a chat. */
const WAVE = 40;
const WAITING = { timeout: 300_000, interval: 20 };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
});
afterAll(() => server.stop());

/** A connection that brings one page of a sync and is cut at the next. */
function onePageEach(counts: { cuts: number }): typeof connectByWebSocket {
  return async (url, token, events) => {
    const connection = await connectByWebSocket(url, token, events);
    let hasBrought = false;
    return {
      ...connection,
      command: async (name, input) => {
        if (name === 'sync' && hasBrought) {
          counts.cuts += 1;
          connection.close();
          events.lost();
          throw new ChatError({ code: 'UNAVAILABLE', message: 'It was cut', retryable: true });
        }
        hasBrought ||= name === 'sync';
        return connection.command(name, input);
      },
    };
  };
}

async function untilLive(client: ChatClient): Promise<void> {
  await vi.waitFor(() => {
    client.connect();
    if (client.state.status !== 'live') throw new Error(`It is ${client.state.status}`);
  }, WAITING);
}

/** The state of a device is that of the server. */
async function expectWhole(client: ChatClient, user: TestUser): Promise<void> {
  await vi.waitFor(async () => {
    const state = client.data.getSnapshot();
    if (!state) throw new Error('There is no state');
    expect(shownBy(state)).toEqual(expectedOf(await readSnapshot(user), state));
  }, WAITING);
}

/** One of all that can happen in a chat, by its number. */
async function happen(
  number: number,
  [ben, cleo, dora]: readonly [TestUser, TestUser, TestUser],
  chat: Chat,
): Promise<void> {
  const params = { id: chat.id };
  const message = await ben.say(chat.id, `number ${number}`);
  const ofMessage = { id: message.id };
  switch (number % 8) {
    case 0:
      await ben.call('editMessage', { params: ofMessage, body: { text: `changed ${number}` } });
      break;
    case 1:
      await ben.call('deleteMessage', { params: ofMessage, query: { scope: 'everyone' } });
      break;
    case 2:
      await cleo.call('addReaction', { params: { ...ofMessage, emoji: '👍' } });
      break;
    case 3:
      await cleo.call('setMarks', { params, body: { seenSeq: message.seq } });
      break;
    case 4:
      await ben.call('updateChat', { params, body: { title: `Title ${number}` } });
      break;
    case 5:
      await ben.call('removeMember', { params: { ...params, userId: dora.id } });
      await ben.call('addMembers', { params, body: { userIds: [dora.id] } });
      break;
    case 6:
      await ben.call('pinMessage', { params: { ...params, messageId: message.id } });
      break;
    default:
      break;
  }
}

it(
  `G6 SYNC-1 who was away for ${EVENTS} events in ${CHATS} chats, and is cut after each page, comes to what a device shows that never was`,
  patience,
  async () => {
    const [anna, ben, cleo, dora] = await Promise.all(
      ['away', 'ben', 'cleo', 'dora'].map((name) => TestUser.register(server.url, freshName(name))),
    );
    if (!anna || !ben || !cleo || !dora) throw new Error('There is nobody');
    const chats: Chat[] = [];
    for (let count = 0; count < CHATS; count += 1) chats.push(await ben.group([anna, cleo, dora]));
    const login = { username: anna.session.user.username, password: PASSWORD };
    const cuts = { cuts: 0 };
    const twin = createChatClient({ url: server.url, store: memoryStore() });
    const sleeper = createChatClient({
      url: server.url,
      store: memoryStore(),
      connect: onePageEach(cuts),
    });
    for (const client of [twin, sleeper]) {
      await client.session.login(login);
      await untilLive(client);
    }
    sleeper.disconnect();
    for (let done = 0; done < EVENTS; done += WAVE) {
      const wave = Array.from({ length: WAVE }, async (_, index) => {
        const chat = chats[(done + index) % CHATS];
        if (chat) await happen(done + index, [ben, cleo, dora], chat);
      });
      await Promise.all(wave);
    }
    const startedAt = performance.now();
    await untilLive(sleeper);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${EVENTS} events, ${cuts.cuts} cuts, live after ${seconds} s\n`);
    expect(cuts.cuts).toBeGreaterThan(1);
    await expectWhole(twin, anna);
    await expectWhole(sleeper, anna);
    for (const client of [twin, sleeper]) client.disconnect();
  },
);
