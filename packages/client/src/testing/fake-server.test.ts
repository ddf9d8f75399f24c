import type { User } from '@natter/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../ids.js';
import {
  type ChatClient,
  type ChatClientOptions,
  type ChatHandle,
  createChatClient,
  type MessageItem,
} from '../index.js';
import { FakeServer } from './index.js';

let server: FakeServer;
let ben: User;
let optionsOfBen: ChatClientOptions;
let client: ChatClient;
let chat: ChatHandle;

beforeEach(async () => {
  server = new FakeServer();
  const anna = server.addUser('anna');
  ({ user: ben, options: optionsOfBen } = server.addUser('ben'));
  const { id } = server.addChat([anna.user, ben]);
  client = createChatClient(anna.options);
  client.connect();
  await server.clock.advance(0);
  chat = client.chats.open(id);
});

const messages = (): MessageItem[] =>
  chat
    .timeline()
    .getSnapshot()
    .items.filter((item): item is MessageItem => item.type === 'message');
const shown = (): string[] => messages().map(({ text, status }) => `${text}: ${status}`);
const sends = () => server.received.filter(({ command }) => command === 'sendMessage');
const countOf = (name: string) => server.received.filter(({ command }) => command === name).length;

describe('the outbox', () => {
  it('sends in order, one after the other', async () => {
    for (const text of ['one', 'two', 'three']) chat.send(text);
    expect(shown()).toEqual(['one: sending', 'two: queued', 'three: queued']);
    await server.clock.advance(0);
    expect(shown()).toEqual(['one: sent', 'two: sent', 'three: sent']);
    expect(sends().map(({ input }) => (input as { text: string }).text)).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  it('tries for ever what fails for now, with the same id, and holds back what is behind it', async () => {
    server.fail({ command: 'sendMessage', kind: 'refused', times: 50 });
    const first = chat.send('stuck');
    chat.send('behind');
    await server.clock.advance(60 * 60 * 1000);
    expect(shown()).toEqual(['stuck: sent', 'behind: sent']);
    const ids = sends().map(({ input }) => (input as { clientMessageId: string }).clientMessageId);
    expect(ids.slice(0, 51)).toEqual(Array.from({ length: 51 }, () => first.key));
    expect(ids).toHaveLength(52);
  });

  it('waits as long as the server says', async () => {
    const retryAfterMs = 7000;
    const error = { code: 'RATE_LIMITED', message: 'slow', retryable: true, retryAfterMs } as const;
    server.fail({ command: 'sendMessage', kind: 'refused', error: { ...error, requestId: '1' } });
    chat.send('patient');
    await server.clock.advance(retryAfterMs - 1);
    expect(sends()).toHaveLength(1);
    expect(messages()[0]).toMatchObject({ status: 'queued', error: { code: 'RATE_LIMITED' } });
    await server.clock.advance(1);
    expect(shown()).toEqual(['patient: sent']);
  });

  it('sends once what was carried out and not answered', async () => {
    server.fail({ command: 'sendMessage', kind: 'unanswered' });
    const { key } = chat.send('heard');
    await server.clock.advance(30_000);
    expect(shown()).toEqual(['heard: sent']);
    expect(messages()[0]?.key).toBe(key);
    // The sync has brought it: nothing is sent again.
    expect(sends()).toHaveLength(1);
    expect(client.outbox.getSnapshot()).toEqual([]);
  });

  it('sends again what never arrived', async () => {
    server.fail({ command: 'sendMessage', kind: 'lost', times: 3 });
    chat.send('at last');
    await server.clock.advance(60_000);
    expect(shown()).toEqual(['at last: sent']);
    expect(client.outbox.getSnapshot()).toEqual([]);
  });

  it('keeps a failed change of a text for the user, and lets the rest go on', async () => {
    chat.send('first');
    await server.clock.advance(0);
    const error = { code: 'FORBIDDEN', message: 'no', retryable: false, requestId: '1' } as const;
    server.fail({ command: 'editMessage', kind: 'refused', error });
    const edit = chat.edit(messages()[0]?.key ?? '', 'changed');
    chat.send('second');
    expect(shown()[0]).toBe('changed: sent');
    await server.clock.advance(0);
    expect(shown()).toEqual(['first: sent', 'second: sent']);
    const [failed] = client.outbox.getSnapshot();
    expect(failed).toMatchObject({ command: 'editMessage', status: 'failed', error });
    client.outbox.retry(failed?.id ?? '');
    await edit;
    expect(shown()).toEqual(['changed: sent', 'second: sent']);
  });
});

describe('files', () => {
  const file = new File(['twelve bytes'], 'a.txt', { type: 'text/plain' });

  it('go before their message, from where they were when they failed, and what is behind it waits', async () => {
    server.fail({ command: 'upload', kind: 'lost', times: 2 });
    const mentions = [ben.id, newId()];
    const { key } = chat.sendMedia({ files: [file, file], text: 'files', mentions });
    chat.send('behind');
    expect(shown()).toEqual(['files: queued', 'behind: queued']);
    await server.clock.advance(0);
    expect(messages()[0]?.media?.[0]?.upload).toMatchObject({
      state: 'waiting',
      sentBytes: 6,
      error: { code: 'UNAVAILABLE' },
    });
    await server.clock.advance(10_000);
    expect(shown()).toEqual(['files: sent', 'behind: sent']);
    expect(messages()[0]).toMatchObject({
      key,
      kind: 'media',
      mentions: [ben.id],
      media: [{ fileName: 'a.txt', size: 12, kind: 'file' }, {}],
    });
    const [first] = messages()[0]?.media ?? [];
    const link = client.media.link(first?.id ?? '');
    await server.clock.advance(0);
    expect((await link).url).toMatch(/^http:\/\/fake\/v1\/media\//);
    await server.clock.advance(5 * 60_000);
    const renewed = client.media.link(first?.id ?? '');
    await server.clock.advance(0);
    expect(await renewed).not.toEqual(await link);
  });

  it('that are refused wait for the user', async () => {
    const error = { code: 'UNSUPPORTED_MEDIA', message: 'no', retryable: false } as const;
    server.fail({ command: 'upload', kind: 'refused', error });
    const { key } = chat.sendMedia({ files: [file] });
    await server.clock.advance(0);
    expect(messages()[0]).toMatchObject({ status: 'failed', media: [{ upload: { error } }] });
    chat.retry(key);
    await server.clock.advance(0);
    expect(messages()[0]).toMatchObject({ status: 'sent' });
  });

  it('of which nothing gets through are tried more and more slowly', async () => {
    server.fail({ command: 'upload', kind: 'refused', times: 1000 });
    chat.sendMedia({ files: [file] });
    await server.clock.advance(60_000);
    const [before] = messages();
    expect(before?.media?.[0]?.upload).toMatchObject({ state: 'waiting', sentBytes: 11 });
    expect(server.clock.pending).toBeGreaterThan(0);
  });
});

describe('marks', () => {
  it('of what has come are told, gathered for a second', async () => {
    for (let index = 0; index < 20; index += 1) server.send(ben, chat.id, `message ${index}`);
    await server.clock.advance(900);
    expect(countOf('messageDelivered')).toBe(0);
    await server.clock.advance(400);
    expect(countOf('messageDelivered')).toBe(1);
  });

  it('of what was seen go forward, and show at once', async () => {
    for (let index = 0; index < 5; index += 1) server.send(ben, chat.id, `message ${index}`);
    await server.clock.advance(5000);
    const timeline = chat.timeline();
    const [first, second, third] = messages();
    for (const item of [second, third, first]) if (item) timeline.reportVisible(item);
    expect(chat.getSnapshot()).toMatchObject({ unreadCount: 2, seenSeq: 3 });
    await server.clock.advance(1500);
    expect(server.received.filter(({ command }) => command === 'messageSeen')).toMatchObject([
      { input: { seq: 3 } },
    ]);
  });
});

describe('typing', () => {
  it('is told at once, every three seconds, and ends after five without a keystroke', async () => {
    for (let second = 0; second < 7; second += 1) {
      chat.typing.keystroke();
      await server.clock.advance(1000);
    }
    expect(countOf('typing')).toBe(3);
    expect(countOf('stopTyping')).toBe(0);
    await server.clock.advance(5000);
    expect(countOf('stopTyping')).toBe(1);
    await server.clock.advance(60_000);
    expect(countOf('typing')).toBe(3);
  });

  it('of another one is shown for as long as it can be believed', async () => {
    const typists = () => chat.getSnapshot()?.typing.map(({ username }) => username);
    const other = createChatClient(optionsOfBen);
    other.connect();
    await server.clock.advance(0);
    other.chats.open(chat.id).typing.keystroke();
    await server.clock.advance(0);
    expect(typists()).toEqual(['ben']);
    // Nobody tells that he has stopped.
    other.disconnect();
    await server.clock.advance(7000);
    expect(typists()).toEqual(['ben']);
    await server.clock.advance(2000);
    expect(typists()).toEqual([]);
  });
});

describe('a connection', () => {
  it('that was cut is made again', async () => {
    server.cut();
    await server.clock.advance(0);
    expect(client.state.status).toBe('offline');
    await server.clock.advance(5000);
    expect(client.state).toEqual({ status: 'live' });
  });

  it('is tried again and again, more and more slowly, and at once where it is asked for', async () => {
    server.fall();
    await server.clock.advance(10 * 60 * 1000);
    expect(client.state.status).toBe('offline');
    server.rise();
    client.connect();
    await server.clock.advance(0);
    expect(client.state).toEqual({ status: 'live' });
  });

  it('brings what happened without it', async () => {
    server.fall();
    chat.send('written meanwhile');
    server.send(ben, chat.id, 'sent meanwhile');
    await server.clock.advance(1000);
    server.rise();
    await server.clock.advance(60_000);
    expect(shown()).toEqual(['sent meanwhile: received', 'written meanwhile: sent']);
  });
});
