import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { ClientStore } from '../store/store.js';

interface Schema extends DBSchema {
  rows: { key: string; value: unknown };
}

/** Above every character that keys are made of. */
const LAST = '\uffff';

export interface IndexedDbOptions {
  /** One for each application of an origin; tabs that give the same name share state and outbox. */
  readonly name?: string;
}

/**
 * Keeps everything in the browser's IndexedDB: the next page begins with it, also without a network, and what was not sent
 * is sent then. All tabs of an origin share it, and one of them leads.
 */
export function indexedDb({ name = 'natter' }: IndexedDbOptions = {}): ClientStore {
  let opened: Promise<IDBPDatabase<Schema>> | undefined;
  const database = (): Promise<IDBPDatabase<Schema>> => {
    opened ??= openDB<Schema>(name, 1, {
      upgrade: (db) => {
        db.createObjectStore('rows');
      },
      // The browser has cut it, or another version wants it: it is opened anew when it is needed.
      terminated: () => {
        opened = undefined;
      },
      blocking: (_, __, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
        opened = undefined;
      },
    });
    return opened;
  };
  return {
    sharedName: `natter:${name}`,
    read: async (prefix) => {
      const range = IDBKeyRange.bound(prefix, prefix + LAST);
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
  };
}
