import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ChatClient, MessageItem, TimelineItem } from '@natter/client';
import {
  ChatProvider,
  useChats,
  useComposer,
  useMediaLink,
  useTimeline,
} from '@natter/client/react';
import { Window } from 'happy-dom';
import { createElement, memo, type ReactNode, StrictMode } from 'react';
import type { Root } from 'react-dom/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileOf, gatedUploads, lastMediaOf, sha256 } from './media-stage.js';
import { directChat, PATIENCE, Stage, textsOf } from './stage.js';

const ROWS = 60;
const run = promisify(execFile);

let stage: Stage;
let anna: ChatClient;
let ben: ChatClient;
let root: Root;
let page: Window;

beforeAll(async () => {
  stage = await Stage.open();
  [anna, ben] = [await stage.client(), await stage.client()];
});
afterAll(() => stage.close());

describe('in a page', () => {
  beforeEach(async () => {
    page = new Window();
    vi.stubGlobal('window', page);
    vi.stubGlobal('document', page.document);
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    const { createRoot } = await import('react-dom/client');
    const element = page.document.createElement('div');
    page.document.body.append(element);
    root = createRoot(element);
  });
  afterEach(async () => {
    root.unmount();
    await page.happyDOM.close();
    vi.unstubAllGlobals();
  });

  const shown = () => page.document.body.textContent;

  it('one changed message renders one row', async () => {
    const chat = await directChat(anna, ben);
    for (let index = 0; index < ROWS; index += 1) chat.send(`message ${index}`);
    await chat.send('the last').sent;
    // Both have seen everything, so that nothing else changes meanwhile.
    await vi.waitFor(() => expect(textsOf(ben, chat.id)).toContain('the last'), PATIENCE);
    ben.chats.open(chat.id).markSeen();
    await vi.waitFor(() => {
      const { items } = chat.timeline().getSnapshot();
      expect(items.at(-1)).toMatchObject({ status: 'seen' });
    }, PATIENCE);
    let rendered: string[] = [];
    const Row = memo(({ item }: { readonly item: TimelineItem }) => {
      rendered.push(item.key);
      return createElement('p', {}, item.type === 'message' ? item.text : null);
    });
    const Rows = (): ReactNode => {
      const [, { items }] = useTimeline(chat.id);
      return items.map((item) => createElement(Row, { key: item.key, item }));
    };
    root.render(createElement(ChatProvider, { client: anna }, createElement(Rows)));
    await vi.waitFor(() => expect(rendered).toHaveLength(ROWS + 1), PATIENCE);
    rendered = [];
    const { items } = ben.chats.open(chat.id).timeline().getSnapshot();
    const message = items.filter((item): item is MessageItem => item.type === 'message')[30];
    await ben.chats.open(chat.id).react(message?.id ?? '', '👍');
    await vi.waitFor(() => expect(rendered).not.toEqual([]), PATIENCE);
    const own = chat.timeline().getSnapshot().items[30];
    expect(rendered).toEqual([own?.key]);
    // A message that is written: one row when it shows, and that one again as it comes along.
    rendered = [];
    const { key, sent } = chat.send('one more');
    await sent;
    await vi.waitFor(() => expect(shown()).toContain('one more'), PATIENCE);
    expect(new Set(rendered)).toEqual(new Set([key]));
  });

  it('a file that comes further renders one row, and is shown from this device, then from the server', async () => {
    const gate = gatedUploads(4, { chunkBytes: 100_000 });
    const sender = await stage.client({ uploads: gate.uploads });
    const chat = await directChat(sender, ben);
    for (let index = 0; index < 5; index += 1) chat.send(`message ${index}`);
    await chat.send('the last').sent;
    // So that nothing else changes meanwhile.
    await vi.waitFor(() => {
      expect(chat.timeline().getSnapshot().items.at(-1)).toMatchObject({ status: 'delivered' });
    }, PATIENCE);
    sender.disconnect();
    let rendered: string[] = [];
    let chatRows = 0;
    const urls = new Set<string>();
    const Row = memo(({ item }: { readonly item: TimelineItem }) => {
      const { url } = useMediaLink(item.type === 'message' ? item.media?.[0] : undefined);
      if (url !== undefined) urls.add(url);
      rendered.push(item.key);
      return createElement('p', {}, item.type === 'message' ? item.text : null);
    });
    const Rows = (): ReactNode => {
      const [, { items }] = useTimeline(chat.id);
      return items.map((item) => createElement(Row, { key: item.key, item }));
    };
    const ChatRows = (): ReactNode => {
      chatRows += 1;
      return useChats().map(({ id }) => createElement('p', { key: id }));
    };
    const file = fileOf(1_000_000);
    const { key, sent } = chat.sendMedia({ files: [file] });
    root.render(
      createElement(ChatProvider, { client: sender }, [
        createElement(Rows, { key: 'rows' }),
        createElement(ChatRows, { key: 'chats' }),
      ]),
    );
    await vi.waitFor(() => expect(urls.size).toBe(1), PATIENCE);
    const [local = ''] = urls;
    expect(await sha256(await (await fetch(local)).blob())).toBe(await sha256(file));
    sender.connect();
    const sentBytes = () => lastMediaOf(sender, chat.id)[0]?.upload?.sentBytes ?? 0;
    await vi.waitFor(() => expect(sentBytes()).toBe(300_000), PATIENCE);
    await vi.waitFor(() => expect(sender.state).toEqual({ status: 'live' }), PATIENCE);
    [rendered, chatRows] = [[], 0];
    gate.allow(3);
    await vi.waitFor(() => expect(sentBytes()).toBe(600_000), PATIENCE);
    await vi.waitFor(() => expect(new Set(rendered)).toEqual(new Set([key])), PATIENCE);
    expect(chatRows).toBe(0);
    gate.allow();
    const { media } = await sent;
    await vi.waitFor(() => expect(urls.size).toBe(2), PATIENCE);
    const [, link = ''] = urls;
    expect(link).toContain(media?.[0]?.url);
    expect(await sha256(await (await fetch(link)).blob())).toBe(await sha256(file));
    await vi.waitFor(() => expect(fetch(local)).rejects.toBeInstanceOf(Error), PATIENCE);
    sender.disconnect();
  });

  it('in strict mode everything is there once, and a composer sends once', async () => {
    const chat = await anna.chats.createDirect(anna.me.getSnapshot()?.id ?? '');
    let composer: ReturnType<typeof useComposer> | undefined;
    const App = (): ReactNode => {
      composer = useComposer(chat.id);
      const names = useChats().map(({ name }) => name);
      const [, { items }] = useTimeline(chat.id);
      const texts = items.map((item) => (item.type === 'message' ? (item.text ?? '') : ''));
      return createElement('p', {}, [...names, ...texts, `draft: ${composer.text}`].join('|'));
    };
    const app = createElement(ChatProvider, { client: anna }, createElement(App));
    root.render(createElement(StrictMode, {}, app));
    await vi.waitFor(() => expect(shown()).toContain('draft: '), PATIENCE);
    composer?.setText('a note');
    await vi.waitFor(() => expect(shown()).toContain('draft: a note'), PATIENCE);
    const sent = composer?.send();
    await sent?.sent;
    await vi.waitFor(() => expect(shown()).toMatch(/a note\|draft: $/), PATIENCE);
    expect(shown()?.match(/a note/g)).toHaveLength(1);
    await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
    expect(chat.getSnapshot()?.draft).toBeUndefined();
  });
});

it('renders on a server, where there is no page', async () => {
  const { renderToString } = await import('react-dom/server');
  const client = stage.clientOf();
  const App = (): ReactNode => createElement('p', {}, `${useChats().length} chats`);
  const html = renderToString(createElement(ChatProvider, { client }, createElement(App)));
  expect(html).toBe('<p>0 chats</p>');
});

it('importing it does nothing', async () => {
  const entries = ['', '/react', '/indexeddb', '/uploads'].map((path) => `@natter/client${path}`);
  const script = `
    const before = new Set(Object.getOwnPropertyNames(globalThis));
    for (const entry of ${JSON.stringify(entries)}) await import(entry);
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
    console.log(JSON.stringify({ added, handles: process.getActiveResourcesInfo() }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  const { added, handles } = JSON.parse(stdout);
  // Of Zod, which only the types of the protocol are made of: no bundle has it.
  expect(added.filter((name: string) => !name.startsWith('__zod'))).toEqual([]);
  expect(handles.filter((handle: string) => /Timeout|TCP|Immediate/.test(handle))).toEqual([]);
});
