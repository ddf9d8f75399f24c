import { createChatClient, type MessageItem, type TimelineItem } from '@natter/client';
import { indexedDb } from '@natter/client/indexeddb';
import { tusUploads } from '@natter/client/uploads';

// What a page of an application would do; the test drives it from outside.
const url = String(Reflect.get(globalThis, 'location').search).split('url=')[1] ?? '';
const store = indexedDb();
const client = createChatClient({ url: decodeURIComponent(url), store, uploads: tusUploads() });
const resets: string[] = [];
client.on('stateReset', () => resets.push('reset'));
client.connect();

function messagesOf(items: readonly TimelineItem[]): MessageItem[] {
  return items.filter((item): item is MessageItem => item.type === 'message');
}

async function sha256(content: Blob): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await content.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const natter = {
  status: () => client.state.status,
  register: (username: string, password: string) => client.session.register({ username, password }),
  direct: async (userId: string) => (await client.chats.createDirect(userId)).id,
  send: (chatId: string, text: string) => client.chats.open(chatId).send(text).key,
  /** Sends a file of so many pieces of 64 KiB, each of a byte of its own. @returns its hash. */
  sendFile: (chatId: string, pieces: number) => {
    const parts = Array.from({ length: pieces }, (_, byte) => new Uint8Array(65_536).fill(byte));
    const file = new File(parts, 'from the page.bin', { type: 'application/octet-stream' });
    client.chats.open(chatId).sendMedia({ files: [file], text: 'a file' });
    return sha256(file);
  },
  sentBytes: (chatId: string) => {
    const { items } = client.chats.open(chatId).timeline().getSnapshot();
    return messagesOf(items).at(-1)?.media?.[0]?.upload?.sentBytes;
  },
  storedFiles: async () => (await store.files?.keys('user/'))?.length,
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
