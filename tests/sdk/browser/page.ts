import { createChatClient, type MessageItem, type TimelineItem } from '@natter/client';
import { indexedDb } from '@natter/client/indexeddb';

// What a page of an application would do; the test drives it from outside.
const url = String(Reflect.get(globalThis, 'location').search).split('url=')[1] ?? '';
const store = indexedDb();
const client = createChatClient({ url: decodeURIComponent(url), store });
const resets: string[] = [];
client.on('stateReset', () => resets.push('reset'));
client.connect();

function messagesOf(items: readonly TimelineItem[]): MessageItem[] {
  return items.filter((item): item is MessageItem => item.type === 'message');
}

const natter = {
  status: () => client.state.status,
  register: (username: string, password: string) => client.session.register({ username, password }),
  direct: async (userId: string) => (await client.chats.createDirect(userId)).id,
  send: (chatId: string, text: string) => client.chats.open(chatId).send(text).key,
  shown: (chatId: string) => {
    const { items } = client.chats.open(chatId).timeline().getSnapshot();
    return messagesOf(items).map(({ text, status }) => ({ text, status }));
  },
  gaps: (chatId: string) => {
    const { items } = client.chats.open(chatId).timeline().getSnapshot();
    return items.filter(({ type }) => type === 'gap').length;
  },
  unread: (chatId: string) => client.chats.open(chatId).getSnapshot()?.unreadCount,
  pending: () => client.outbox.getSnapshot().length,
  stored: async () => {
    const rows = await store.read('user/');
    return rows.filter(([key]) => key.includes('/outbox/')).length;
  },
  resets,
};
Reflect.set(globalThis, 'natter', natter);

export type PageApi = typeof natter;
