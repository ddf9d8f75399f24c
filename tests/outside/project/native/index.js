import { createChatClient } from '@natter/client';
import { ChatProvider, useChats } from '@natter/client/react';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server.edge';

/** A store over what a phone has: a map of strings that are written several at once. */
function storeOver(storage) {
  return {
    read: async (prefix) => {
      const keys = (await storage.getAllKeys()).filter((key) => key.startsWith(prefix));
      return (await storage.multiGet(keys)).map(([key, value]) => [key, JSON.parse(value)]);
    },
    write: async (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) await storage.removeItem(key);
        else await storage.setItem(key, JSON.stringify(value));
      }
    },
    close: async () => undefined,
  };
}

const rows = new Map();
const storage = {
  getAllKeys: async () => [...rows.keys()],
  multiGet: async (keys) => keys.map((key) => [key, rows.get(key)]),
  setItem: async (key, value) => rows.set(key, value),
  removeItem: async (key) => rows.delete(key),
};

const client = createChatClient({ url: 'http://localhost:3000', store: storeOver(storage) });
const Chats = () => `${client.state.status}, ${useChats().length} chats`;
const app = createElement(ChatProvider, { client }, createElement(Chats));

globalThis.whatIsShown = renderToString(app);
