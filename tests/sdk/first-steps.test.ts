import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { directChat, PATIENCE, Stage, textsOf } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

it('two users register, meet and talk', async () => {
  const [anna, ben] = await Promise.all([stage.client(), stage.client()]);
  const benId = ben.me.getSnapshot()?.id ?? '';
  const heard: (string | undefined)[] = [];
  ben.on('newMessage', ({ text }) => heard.push(text));
  const chat = await anna.chats.createDirect(benId);
  // What a chat already holds when it comes is shown, and not told as new.
  await vi.waitFor(() => expect(ben.chats.open(chat.id).getSnapshot()).toBeDefined(), PATIENCE);
  const first = chat.send('Hello, Ben!');
  expect(textsOf(anna, chat.id)).toEqual(['Hello, Ben!']);
  const message = await first.sent;
  expect(message.clientMessageId).toBe(first.key);
  await vi.waitFor(() => expect(textsOf(ben, chat.id)).toEqual(['Hello, Ben!']), PATIENCE);
  await vi.waitFor(() => expect(heard).toEqual(['Hello, Ben!']), PATIENCE);
  const [shown] = ben.chats.list().getSnapshot();
  expect(shown).toMatchObject({
    id: chat.id,
    name: anna.me.getSnapshot()?.displayName,
    unreadCount: 1,
  });
  ben.chats.open(chat.id).markSeen();
  expect(ben.chats.list().getSnapshot()[0]?.unreadCount).toBe(0);
  await vi.waitFor(() => {
    const item = chat.timeline().getSnapshot().items.at(-1);
    expect(item).toMatchObject({ status: 'seen' });
  }, PATIENCE);
});

it('what is written offline is sent once and in order', async () => {
  const [anna, ben] = await Promise.all([stage.client(), stage.client()]);
  const chat = await directChat(anna, ben);
  anna.disconnect();
  const texts = ['one', 'two', 'three', 'four', 'five'];
  const sent = texts.map((text) => chat.send(text));
  void chat.edit(sent[1]?.key ?? '', 'two, again');
  void chat.react(sent[2]?.key ?? '', '👍');
  expect(textsOf(anna, chat.id)).toEqual(['one', 'two, again', 'three', 'four', 'five']);
  anna.connect();
  await Promise.all(sent.map((each) => each.sent));
  await vi.waitFor(
    () => expect(textsOf(ben, chat.id)).toEqual(['one', 'two, again', 'three', 'four', 'five']),
    PATIENCE,
  );
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
  await vi.waitFor(() => {
    const { items } = ben.chats.open(chat.id).timeline().getSnapshot();
    const third = items.find((item) => item.type === 'message' && item.text === 'three');
    expect(third).toMatchObject({ reactions: [{ emoji: '👍', count: 1, mine: false }] });
  }, PATIENCE);
});
