import type { ChatClient } from '@natter/client';
import type { TestUser } from '@natter/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { PATIENCE, Stage, untilLive } from './stage.js';

let stage: Stage;
let anna: TestUser;
beforeAll(async () => {
  stage = await Stage.open();
  anna = await stage.server.user();
});
afterAll(() => stage.close());

/** Someone whose client notes what it is told of new messages. */
async function listener(): Promise<{ client: ChatClient; id: string; heard: string[] }> {
  const client = await stage.client();
  const heard: string[] = [];
  client.on('newMessage', ({ kind, text = '' }) => {
    if (kind === 'text') heard.push(text);
  });
  return { client, id: client.me.getSnapshot()?.id ?? '', heard };
}

it('the first messages of a chat are told, once each, while the user is there', async () => {
  const { client, id, heard } = await listener();
  const texts = Array.from({ length: 12 }, (_, index) => `first of ${index}`);
  await Promise.all(
    texts.map(async (text) => {
      const group = await anna.group([{ id }]);
      await Promise.all([anna.say(group.id, text), anna.say(group.id, `${text}, again`)]);
    }),
  );
  const all = texts.flatMap((text) => [text, `${text}, again`]);
  await vi.waitFor(() => expect(heard.toSorted()).toEqual(all.toSorted()), PATIENCE);
  // What a sync repeats is told no more.
  client.disconnect();
  client.connect();
  await untilLive(client);
  expect(heard).toHaveLength(all.length);
});

it('and when he comes back', async () => {
  const { client, id, heard } = await listener();
  client.disconnect();
  const group = await anna.group([{ id }]);
  await anna.say(group.id, 'one');
  await anna.say(group.id, 'two');
  const direct = await anna.direct({ id });
  await anna.say(direct.id, 'three');
  client.connect();
  await untilLive(client);
  await vi.waitFor(() => expect(heard.toSorted()).toEqual(['one', 'three', 'two']), PATIENCE);
  expect(heard.indexOf('one')).toBeLessThan(heard.indexOf('two'));
});

it('and when he opens the chat himself before he hears of it', async () => {
  const { client, id, heard } = await listener();
  client.disconnect();
  const direct = await anna.direct({ id });
  await anna.say(direct.id, 'hi');
  client.connect();
  await client.chats.createDirect(anna.id);
  await vi.waitFor(() => expect(heard).toEqual(['hi']), PATIENCE);
});

it('what was written before he joined is told never', async () => {
  const { client, id, heard } = await listener();
  const group = await anna.group();
  for (let index = 0; index < 5; index += 1) await anna.say(group.id, `before ${index}`);
  client.disconnect();
  await anna.call('addMembers', { params: { id: group.id }, body: { userIds: [id] } });
  await anna.say(group.id, 'after');
  client.connect();
  await untilLive(client);
  await anna.say(group.id, 'live');
  await vi.waitFor(() => expect(heard).toContain('live'), PATIENCE);
  expect(heard).toEqual(['after', 'live']);
});
