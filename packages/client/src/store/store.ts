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
  /**
   * Names what is stored, the same for all tabs that share it, so that one of them leads. Without it the store belongs to
   * this client alone.
   */
  readonly sharedName?: string;
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
  };
}
