import { beforeEach, expect, it } from 'vitest';
import {
  type ChatClientOptions,
  type ClientStore,
  createChatClient,
  memoryStore,
} from '../index.js';
import { FakeServer } from '../testing/index.js';

let server: FakeServer;
let options: ChatClientOptions;
let chatId: string;
/** Which connection sent a message, of all in their order. */
let sentBy: number[];

beforeEach(() => {
  server = new FakeServer();
  const anna = server.addUser('anna');
  chatId = server.addChat([anna.user, server.addUser('ben').user]).id;
  sentBy = [];
  const { connect } = anna.options;
  let connections = 0;
  options = {
    ...anna.options,
    connect: async (...parameters) => {
      connections += 1;
      const own = connections;
      const connection = await connect?.(...parameters);
      if (!connection) throw new TypeError('The fake server connects');
      return {
        ...connection,
        command: async (name, input) => {
          if (name === 'sendMessage') sentBy.push(own);
          const output = await connection.command(name, input);
          // An answer takes longer than it takes to see that a connection is gone.
          await new Promise((resolve) => {
            setTimeout(resolve, 0);
          });
          return output;
        },
      };
    },
  };
});

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

it('a sync that is still read when its connection is given up begins nothing by that one', async () => {
  const { opened, open } = gate();
  const { fetch: requests = fetch } = options;
  const client = createChatClient({
    ...options,
    fetch: async (input, init) => {
      const answer = await requests(input, init);
      if (String(input).includes('/v1/chats')) await opened;
      return answer;
    },
  });
  client.connect();
  await server.clock.advance(1000);
  expect(client.state).toEqual({ status: 'syncing' });
  const { sent } = client.chats.open(chatId).send('once');
  client.disconnect();
  client.connect();
  await server.clock.advance(0);
  open();
  await server.clock.advance(1000);
  expect(client.state).toEqual({ status: 'live' });
  await sent;
  expect(sentBy).toEqual([2]);
  // Nobody watches what changes any more when it is disconnected.
  await server.clock.advance(60_000);
  client.disconnect();
  const { pending } = server.clock;
  client.chats.open(chatId).send('later');
  expect(server.clock.pending).toBe(pending);
});

it('what waits to be stored when its connection ends is sent once, by the next one', async () => {
  const [store, { opened, open }] = [memoryStore(), gate()];
  let isSlow = false;
  const slow: ClientStore = {
    ...store,
    write: async (rows) => {
      if (isSlow) await opened;
      await store.write(rows);
    },
  };
  const client = createChatClient({ ...options, store: slow });
  client.connect();
  await server.clock.advance(60_000);
  isSlow = true;
  const { sent } = client.chats.open(chatId).send('once');
  server.cut();
  await server.clock.advance(60_000);
  expect(client.state).toEqual({ status: 'live' });
  open();
  await server.clock.advance(60_000);
  await sent;
  expect(sentBy.filter((connection) => connection > 1)).toEqual([2]);
});

it('a message whose files cannot be asked for at the moment is tried again', async () => {
  const { fetch: requests = fetch } = options;
  let isReached = false;
  const client = createChatClient({
    ...options,
    fetch: (input, init) =>
      String(input).includes('/v1/media/') && !isReached
        ? Promise.reject(new TypeError('cut'))
        : requests(input, init),
  });
  client.connect();
  await server.clock.advance(1000);
  const error = { code: 'NOT_FOUND', message: 'gone', retryable: false, requestId: '1' } as const;
  server.fail({ command: 'sendMedia', kind: 'refused', error });
  const { sent } = client.chats.open(chatId).sendMedia({ files: [new Blob(['one'])] });
  await server.clock.advance(100);
  expect(client.outbox.getSnapshot()).toMatchObject([{ status: 'queued', attempts: 1 }]);
  isReached = true;
  await server.clock.advance(60_000);
  expect(await sent).toMatchObject({ kind: 'media' });
});

it('a file that is given up before it is stored is not held in memory', async () => {
  const client = createChatClient(options);
  client.connect();
  await server.clock.advance(1000);
  const given = client.media.upload(new Blob(['given up']));
  given.cancel();
  await server.clock.advance(1000);
  expect(await client.media.local(given.key)).toBeUndefined();
});
