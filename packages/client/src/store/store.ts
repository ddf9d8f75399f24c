/** Where the bytes of files are kept that are on their way. Nothing of them is to be held in memory. */
export interface FileStore {
  /** Of all files whose key begins with `prefix`, in any order. Keys have letters, digits, `-` and `/`. */
  keys(prefix: string): Promise<readonly string[]>;
  /** `undefined` where there is none. */
  read(key: string): Promise<Blob | undefined>;
  /** Resolves when the file would survive the end of the process; before that, it is not there. */
  write(key: string, content: Blob): Promise<void>;
  /** Also where there is none. */
  delete(key: string): Promise<void>;
}

/**
 * Where a client keeps what it knows. Any storage will do that writes several keys at once or none: the cursor of `sync`
 * must never be there without the rows that it stands for.
 *
 * Values are JSON: objects, lists, strings, numbers, booleans and `null`.
 */
export interface ClientStore {
  /** All rows whose key begins with `prefix`, in any order. */
  read(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
  /** Writes all of it in one transaction; `undefined` deletes. Resolves when it would survive the end of the process. */
  write(changes: ReadonlyMap<string, unknown>): Promise<void>;
  close(): Promise<void>;
  /** Without it, files that were not sent are lost with the page or process, and their messages fail. */
  readonly files?: FileStore;
  /**
   * Names what is stored, the same for all tabs and workers that have it, so that they share one login. Without it the store
   * belongs to this client alone.
   */
  readonly sharedName?: string;
}

function memoryFiles(): FileStore {
  const files = new Map<string, Blob>();
  return {
    keys: (prefix) => Promise.resolve([...files.keys()].filter((key) => key.startsWith(prefix))),
    read: (key) => Promise.resolve(files.get(key)),
    write: (key, content) => {
      files.set(key, content);
      return Promise.resolve();
    },
    delete: (key) => {
      files.delete(key);
      return Promise.resolve();
    },
  };
}

/** Keeps everything until the page or process ends. */
export function memoryStore(): ClientStore {
  const rows = new Map<string, unknown>();
  return {
    read: (prefix) => Promise.resolve([...rows].filter(([key]) => key.startsWith(prefix))),
    write: (changes) => {
      for (const [key, value] of changes) {
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    files: memoryFiles(),
  };
}
