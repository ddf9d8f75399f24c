import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { type SharedStore, shareTabs } from '../tabs/share-tabs.js';

export { type SharedStore, type ShareTabs, shareTabs } from '../tabs/share-tabs.js';

interface Schema extends DBSchema {
  rows: { key: string; value: unknown };
  files: { key: string; value: Blob };
}

const VERSION = 2;

/** All keys that begin so; nothing that they are made of is above the last one. */
const beginningWith = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

export interface IndexedDbOptions {
  /** One for each application of an origin; tabs that give the same name share state and outbox. */
  readonly name?: string;
}

/**
 * Keeps everything in the browser's IndexedDB: the next page begins with it, also without a network, and what was not sent
 * is sent then. All tabs of an origin share it, and one of them leads.
 */
export function indexedDb({ name = 'natter' }: IndexedDbOptions = {}): SharedStore {
  let opened: Promise<IDBPDatabase<Schema>> | undefined;
  const database = (): Promise<IDBPDatabase<Schema>> => {
    opened ??= openDB<Schema>(name, VERSION, {
      upgrade: (db, before) => {
        if (before < 1) db.createObjectStore('rows');
        if (before < 2) db.createObjectStore('files');
      },
      // The browser has cut it, or another version wants it: it is opened anew when it is needed.
      terminated: () => {
        opened = undefined;
      },
      blocking: (_, __, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
        opened = undefined;
      },
    }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    sharedName: `natter:${name}`,
    shareTabs,
    read: async (prefix) => {
      const range = beginningWith(prefix);
      const rows = (await database()).transaction('rows').store;
      const [keys, values] = await Promise.all([rows.getAllKeys(range), rows.getAll(range)]);
      return keys.map((key, index) => [key, values[index]] as const);
    },
    write: async (changes) => {
      const transaction = (await database()).transaction('rows', 'readwrite');
      const written = [...changes].map(([key, value]): Promise<unknown> =>
        value === undefined ? transaction.store.delete(key) : transaction.store.put(value, key),
      );
      await Promise.all([...written, transaction.done]);
    },
    close: async () => {
      const open = opened;
      opened = undefined;
      (await open)?.close();
    },
    files: {
      keys: async (prefix) => (await database()).getAllKeys('files', beginningWith(prefix)),
      read: async (key) => (await database()).get('files', key),
      write: async (key, content) => {
        await (await database()).put('files', content, key);
      },
      delete: async (key) => (await database()).delete('files', key),
    },
  };
}
