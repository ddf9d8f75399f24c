import type { Chat, Message } from '@natter/protocol';
import {
  freshName,
  startTestServer,
  type TestServer,
  type TestSocket,
  TestUser,
} from '@natter/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { patience, sizes } from './sizes.js';

const WRITERS = 4;
/** Who come and go at the same time. */
const COMING = 5;
const LIVE_MESSAGES = 3;

let server: TestServer;
let host: TestUser;
let writers: TestUser[];
beforeAll(async () => {
  server = await startTestServer({ rateLimits: false });
  const [first, ...others] = await people('writer', WRITERS);
  if (!first) throw new Error('There is nobody');
  host = first;
  writers = [first, ...others];
});
afterAll(() => server.stop());

function people(name: string, count: number): Promise<TestUser[]> {
  return Promise.all(
    Array.from({ length: count }, () => TestUser.register(server.url, freshName(name))),
  );
}

/** Each writes as fast as he is answered while the others do what they do. */
async function whileTheyWrite(chat: Chat, act: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const writing = writers.map(async (writer) => {
    const socket = await writer.connect();
    for (let count = 0; !over.signal.aborted; count += 1) {
      await socket.send(chat.id, `number ${count}`);
    }
    socket.close();
  });
  try {
    await act();
  } finally {
    over.abort();
    await Promise.all(writing);
  }
}

function messagesIn(socket: TestSocket, chatId: string): Message[] {
  return socket.of('newMessage').filter((message) => message.chatId === chatId);
}

/** Each by its number, once, and the next after the one before. */
function expectDense(messages: readonly { readonly seq: number }[]): void {
  const seqs = messages.map(({ seq }) => seq);
  const [first = 0] = seqs;
  expect(seqs).toEqual(seqs.map((_, index) => first + index));
}

/** A device that comes back again and again; what it has, by `seq`. */
class ComingDevice {
  readonly entries = new Map<number, string>();
  private cursor: string | undefined;

  constructor(
    private readonly user: TestUser,
    private readonly chatId: string,
  ) {}

  /** Connects, catches up, listens for a moment, and leaves. */
  async come(): Promise<void> {
    const socket = await this.user.connect();
    for (let hasMore = true; hasMore;) {
      const page = await socket.command('sync', { cursor: this.cursor, limit: 500 });
      if (page.reset !== (this.cursor === undefined)) throw new Error('It had to start over');
      for (const { event, payload } of page.entries) if (event === 'newMessage') this.take(payload);
      ({ cursor: this.cursor, hasMore } = page);
    }
    const before = messagesIn(socket, this.chatId).length;
    const goal = before + LIVE_MESSAGES;
    await socket.until(() => messagesIn(socket, this.chatId).length >= goal, 'live messages');
    socket.close();
    const live = messagesIn(socket, this.chatId);
    expectDense(live);
    for (const message of live) this.take(message);
    expectDense([...this.entries.keys()].toSorted((a, b) => a - b).map((seq) => ({ seq })));
  }

  private take({ chatId, seq, id }: Message): void {
    if (chatId !== this.chatId) return;
    if ((this.entries.get(seq) ?? id) !== id) throw new Error(`Two messages have the seq ${seq}`);
    this.entries.set(seq, id);
  }
}

it(
  `G7 SYNC-1 ${sizes.joins} devices that come back while others write have no hole between what they catch up with and what comes live`,
  patience,
  async () => {
    const comers = await people('comer', COMING);
    const chat = await host.group([...writers.slice(1), ...comers]);
    const devices = comers.map((user) => new ComingDevice(user, chat.id));
    let joins = 0;
    await whileTheyWrite(chat, () =>
      Promise.all(
        devices.map(async (device) => {
          while (joins < sizes.joins) {
            joins += 1;
            await device.come();
          }
        }),
      ),
    );
    const log = new Map<number, string>();
    for (let after = 0, hasMore = true; hasMore;) {
      const query = { after: String(after), limit: '500' };
      const { body } = await host.call('getLog', { params: { id: chat.id }, query });
      for (const { event, payload } of body.entries) {
        after = payload.seq;
        if (event === 'newMessage') log.set(payload.seq, payload.id);
      }
      ({ hasMore } = body);
    }
    let compared = 0;
    for (const { entries } of devices) {
      compared += entries.size;
      expect([...entries].filter(([seq, id]) => log.get(seq) !== id)).toEqual([]);
    }
    process.stdout.write(`${joins} devices came back, ${compared} messages, no hole\n`);
  },
);

it(
  `G12 CHAT-3 of ${sizes.joins} who are added and removed while others write, each hears of what comes between the two without a hole, and of nothing after`,
  patience,
  async () => {
    const comers = await people('comer', COMING);
    const chat = await host.group(writers.slice(1));
    const params = { id: chat.id };
    let joins = 0;
    let heard = 0;
    const atHost = await host.connect();
    const comeAndGo = async (user: TestUser): Promise<void> => {
      const socket = await user.connect();
      await host.call('addMembers', { params, body: { userIds: [user.id] } });
      const added = await socket.next('chatAdded');
      await socket.until(() => messagesIn(socket, chat.id).length > LIVE_MESSAGES, 'messages');
      await host.call('removeMember', { params: { ...params, userId: user.id } });
      await socket.next('chatRemoved');
      const removed = await atHost.next(
        'newMessage',
        ({ seq, system }) =>
          seq > added.chat.lastSeq &&
          system?.type === 'memberRemoved' &&
          system.userIds.includes(user.id),
      );
      // What is committed after the removal, and has come to somebody who is to hear of it.
      const { seq } = await host.say(chat.id, 'not for him');
      await atHost.until(() => messagesIn(atHost, chat.id).some((one) => one.seq > seq), 'others');
      socket.close();
      const messages = messagesIn(socket, chat.id);
      expect(messages.filter((message) => message.seq > removed.seq)).toEqual([]);
      const [first] = messages;
      expect(first?.seq).toBeLessThanOrEqual(added.chat.lastSeq + 1);
      expectDense(messages);
      heard += messages.length;
    };
    await whileTheyWrite(chat, () =>
      Promise.all(
        comers.map(async (user) => {
          while (joins < sizes.joins) {
            joins += 1;
            await comeAndGo(user);
          }
        }),
      ),
    );
    atHost.close();
    process.stdout.write(`${joins} came and went, ${heard} messages, none after\n`);
  },
);
