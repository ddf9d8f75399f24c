import type { ChatClient, ChatHandle, TimelineItem } from '@natter/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { directChat, PATIENCE, Stage, textsOf } from './stage.js';

const MESSAGES = 300;

let stage: Stage;
let anna: ChatClient;
let ben: ChatClient;
let chat: ChatHandle;
beforeAll(async () => {
  stage = await Stage.open();
  [anna, ben] = [await stage.client(), await stage.client()];
  chat = await directChat(ben, anna);
  const sends = Array.from({ length: MESSAGES }, (_, index) => chat.send(`message ${index}`).sent);
  await Promise.all(sends);
});
afterAll(() => stage.close());

/** The timeline as `12 13 14 … 250 251`. */
function shape(items: readonly TimelineItem[]): string {
  return items.map((item) => (item.type === 'gap' ? '…' : String(item.seq))).join(' ');
}

const sequence = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).join(' ');

describe('a timeline', () => {
  it('loads older messages page by page, to the first one', async () => {
    const device = await stage.otherDevice(anna);
    const timeline = device.chats.open(chat.id).timeline();
    expect(timeline.getSnapshot()).toMatchObject({ hasOlder: true, isLoading: false });
    await timeline.jumpTo('end');
    expect(shape(timeline.getSnapshot().items)).toBe(sequence(251, 300));
    for (let page = 0; page < 5; page += 1) await timeline.loadOlder();
    expect(shape(timeline.getSnapshot().items)).toBe(sequence(1, 300));
    expect(timeline.getSnapshot().hasOlder).toBe(false);
  });

  it('begins at the first message of a moment, wherever that is', async () => {
    const device = await stage.otherDevice(anna);
    const timeline = device.chats.open(chat.id).timeline();
    const id = chat.id;
    const timeOf = async (seq: number): Promise<number> => {
      const query = { around: seq, limit: 1 };
      const { items } = await device.request('getHistory', { params: { id }, query });
      return Date.parse(items[0]?.createdAt ?? '');
    };
    for (const seq of [1, 42, 260, 300]) {
      const at = await timeOf(seq);
      const key = await timeline.jumpTo({ at: new Date(at).toISOString() });
      const { items } = timeline.getSnapshot();
      const index = items.findIndex((item) => item.key === key);
      const [found, before] = [items[index], items[index - 1]];
      // Of those of one millisecond it is the first.
      expect(found?.type === 'message' && Date.parse(found.createdAt)).toBe(at);
      if (before?.type === 'message') expect(Date.parse(before.createdAt)).toBeLessThan(at);
    }
    const first = await timeline.jumpTo({ at: '2001-01-01' });
    expect(timeline.getSnapshot().items[0]?.key).toBe(first);
    expect(await timeline.jumpTo({ at: '2999-01-01' })).toBeUndefined();
    expect(timeline.getSnapshot().isLoading).toBe(false);
  });

  it('shows what is missing between islands, which merge as it is loaded', async () => {
    const device = await stage.otherDevice(anna);
    const timeline = device.chats.open(chat.id).timeline();
    const key = await timeline.jumpTo({ seq: 100 });
    const { items } = timeline.getSnapshot();
    const shown = shape(items);
    expect(shown).toMatch(/^(\d+ )+… 300$/);
    expect(items.find((item) => item.key === key)).toMatchObject({ seq: 100 });
    await timeline.jumpTo({ seq: 20 });
    expect(shape(timeline.getSnapshot().items)).toMatch(/^1 2 .* 20 .*… (\d+ )*100 .*… 300$/);
    // Each gap from both of its sides, until there is none.
    for (let turn = 0; turn < 20; turn += 1) {
      const gap = timeline.getSnapshot().items.find((item) => item.type === 'gap');
      if (!gap) break;
      await (turn % 2 === 0 ? timeline.loadNewer(gap) : timeline.loadOlder(gap));
    }
    expect(shape(timeline.getSnapshot().items)).toBe(sequence(1, 300));
    // Nothing is asked for that is there.
    const before = timeline.getSnapshot();
    await timeline.jumpTo({ seq: 150 });
    expect(timeline.getSnapshot()).toBe(before);
  });

  it('goes to a message, and to what is unread', async () => {
    const device = await stage.otherDevice(anna);
    const handle = device.chats.open(chat.id);
    const timeline = handle.timeline();
    const message = await device.request('getHistory', {
      params: { id: chat.id },
      query: { around: 42, limit: 1 },
    });
    const id = message.items[0]?.id ?? '';
    expect(await timeline.jumpTo({ messageId: id })).toBe(id);
    handle.markSeen(200);
    await vi.waitFor(() => expect(handle.getSnapshot()?.unreadCount).toBe(100), PATIENCE);
    const key = await timeline.jumpTo('unread');
    const { items, firstUnreadKey } = timeline.getSnapshot();
    expect(key).toBe(firstUnreadKey);
    expect(items.find((item) => item.key === key)).toMatchObject({ seq: 201 });
  });

  it('names the first unread message when it is certain, and no system message', async () => {
    const group = await ben.chats.createGroup({
      title: 'Unread',
      memberIds: [anna.me.getSnapshot()?.id ?? ''],
    });
    for (let index = 0; index < 120; index += 1) group.send(`message ${index}`);
    await vi.waitFor(() => expect(ben.outbox.getSnapshot()).toEqual([]), PATIENCE);
    const device = await stage.otherDevice(anna);
    const timeline = device.chats.open(group.id).timeline();
    const named: (string | undefined)[] = [];
    timeline.subscribe(() => {
      const { firstUnreadKey } = timeline.getSnapshot();
      if (firstUnreadKey !== named.at(-1)) named.push(firstUnreadKey);
    });
    // The newest are loaded, and those in between are not.
    await timeline.jumpTo('end');
    const key = await timeline.jumpTo('unread');
    const { items } = timeline.getSnapshot();
    expect(items.find((item) => item.key === key)).toMatchObject({ text: 'message 0' });
    expect(named).toEqual([key]);
  });

  it('keeps its islands up to date, and over a restart', async () => {
    const device = await stage.otherDevice(anna);
    const timeline = device.chats.open(chat.id).timeline();
    await timeline.jumpTo({ seq: 60 });
    const shown = () =>
      timeline.getSnapshot().items.find((item) => item.type === 'message' && item.seq === 60);
    const own = ben.chats.open(chat.id).timeline().getSnapshot().items;
    const message = own.find((item) => item.type === 'message' && item.seq === 60);
    await chat.react(message?.key ?? '', '👍');
    await vi.waitFor(
      () => expect(shown()).toMatchObject({ reactions: [{ emoji: '👍' }] }),
      PATIENCE,
    );
    device.disconnect();
    await chat.edit(message?.key ?? '', 'edited meanwhile');
    device.connect();
    await vi.waitFor(() => expect(shown()).toMatchObject({ text: 'edited meanwhile' }), PATIENCE);
  });

  it('tells why it could not load', async () => {
    const device = await stage.otherDevice(anna, {
      fetch: (input, init) =>
        String(input).includes('/messages') ? Promise.reject(new Error('cut')) : fetch(input, init),
    });
    const timeline = device.chats.open(chat.id).timeline();
    await expect(timeline.loadOlder()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(timeline.getSnapshot()).toMatchObject({ isLoading: false, error: { retryable: true } });
  });
});

describe('typing', () => {
  it('is told at once, again after three seconds, and ends by itself', async () => {
    const told: string[] = [];
    anna.on('typing', () => told.push('typing'));
    anna.on('stopTyping', () => told.push('stopTyping'));
    for (let stroke = 0; stroke < 20; stroke += 1) chat.typing.keystroke();
    await vi.waitFor(
      () => expect(anna.chats.open(chat.id).getSnapshot()?.typing).toHaveLength(1),
      PATIENCE,
    );
    expect(told).toEqual(['typing']);
    chat.typing.stop();
    await vi.waitFor(() => expect(told).toEqual(['typing', 'stopTyping']), PATIENCE);
    expect(anna.chats.open(chat.id).getSnapshot()?.typing).toEqual([]);
  });

  it('is never kept for later', async () => {
    ben.disconnect();
    const told: string[] = [];
    anna.on('typing', () => told.push('typing'));
    chat.typing.keystroke();
    ben.connect();
    await chat.send('after it').sent;
    await vi.waitFor(() => expect(textsOf(anna, chat.id)).toContain('after it'), PATIENCE);
    expect(told).toEqual([]);
  });
});

it('a message that expires goes by itself', async () => {
  const group = await ben.chats.createGroup({
    title: 'For a moment',
    memberIds: [anna.me.getSnapshot()?.id ?? ''],
  });
  await group.update({ messageTtlMs: 1500 });
  await group.send('soon gone').sent;
  await vi.waitFor(() => expect(textsOf(anna, group.id)).toEqual(['soon gone']), PATIENCE);
  expect(anna.chats.open(group.id).getSnapshot()?.unreadCount).toBe(1);
  await vi.waitFor(() => expect(textsOf(anna, group.id)).toEqual([]), PATIENCE);
  await vi.waitFor(
    () => expect(anna.chats.open(group.id).getSnapshot()?.unreadCount).toBe(0),
    PATIENCE,
  );
});
