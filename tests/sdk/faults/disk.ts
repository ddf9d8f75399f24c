import { type ClientStore, memoryStore } from '@natter/client';
import { fileStore } from '@natter/client/node';

/** A store that outlives its client, which writes nothing any more once it is killed. Files are on the disk in earnest. */
export class Disk {
  private readonly rows = memoryStore();
  private readonly files: NonNullable<ClientStore['files']>;
  private mounted: object | undefined;
  private readonly underWay = new Set<Promise<unknown>>();

  /** @param path Where the files are kept beside, as those of a store in a file. */
  constructor(path: string) {
    const { files } = fileStore(path);
    if (!files) throw new Error('A store in a file keeps files');
    this.files = files;
  }

  mount(): ClientStore {
    const mount = {};
    this.mounted = mount;
    const ifMounted = <T>(act: () => Promise<T>): Promise<T> => {
      if (this.mounted !== mount) return new Promise<T>(() => undefined);
      const acting = act();
      this.underWay.add(acting);
      const end = () => this.underWay.delete(acting);
      acting.then(end, end);
      return acting;
    };
    const { rows, files } = this;
    return {
      read: (prefix) => ifMounted(() => rows.read(prefix)),
      // As JSON, which is all that a store has to carry.
      write: (changes) =>
        ifMounted(() => {
          const entries: [string, unknown][] = JSON.parse(
            JSON.stringify([...changes].map(([key, value]) => [key, value ?? null])),
          );
          return rows.write(new Map(entries.map(([key, value]) => [key, value ?? undefined])));
        }),
      close: () => Promise.resolve(),
      files: {
        keys: (prefix) => ifMounted(() => files.keys(prefix)),
        read: (key) => ifMounted(() => files.read(key)),
        write: (key, content) => ifMounted(() => files.write(key, content)),
        delete: (key) => ifMounted(() => files.delete(key)),
      },
    };
  }

  /** As the end of a process: what it writes at this moment is there before the next one looks, and nothing after it. */
  async unmount(): Promise<void> {
    this.mounted = undefined;
    await Promise.allSettled(this.underWay);
  }

  /** The files that are kept. */
  kept(): Promise<readonly string[]> {
    return this.files.keys('');
  }
}

/** The ids in an outbox as it is stored. */
export async function storedIds(store: ClientStore): Promise<string[]> {
  const rows = await store.read('user/');
  return rows.flatMap(([key]) => /\/outbox\/(.*)$/.exec(key)?.[1] ?? []);
}
