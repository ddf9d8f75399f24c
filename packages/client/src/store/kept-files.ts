import type { FileStore } from './store.js';

/** The bytes of what is on its way: in the store, and until they are there, or where they cannot be, in memory. */
export class KeptFiles {
  /** Not stored yet. */
  private readonly fresh = new Map<string, Blob>();
  /** What could not be stored. */
  private readonly held = new Map<string, Blob>();
  private prefix = '';

  /** @param failed A file could not be stored or removed; the client goes on with what it has in memory. */
  constructor(
    private readonly store: FileStore | undefined,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Goes on with the files of a user, of which those are removed that nothing names. */
  async open(user: string, named: readonly string[]): Promise<void> {
    this.prefix = `${user}file/`;
    try {
      const keys = (await this.store?.keys(this.prefix)) ?? [];
      const known = new Set(named);
      const own = keys.map((key) => key.slice(this.prefix.length));
      await this.remove(own.filter((key) => !known.has(key)));
    } catch (error) {
      this.failed(error);
    }
  }

  add(key: string, content: Blob): void {
    this.fresh.set(key, content);
  }

  get unsaved(): readonly string[] {
    return [...this.fresh.keys()];
  }

  /** `undefined` where the bytes are gone. */
  async read(key: string): Promise<Blob | undefined> {
    const held = this.fresh.get(key) ?? this.held.get(key);
    return held ?? (await this.store?.read(this.prefix + key));
  }

  /** Stores those of these files that are not stored yet. */
  async save(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const content = this.fresh.get(key);
      if (!content || !this.store) continue;
      try {
        await this.store.write(this.prefix + key, content);
      } catch (error) {
        this.held.set(key, content);
        this.failed(error);
      }
      this.fresh.delete(key);
    }
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.fresh.delete(key);
      this.held.delete(key);
      await this.store?.delete(this.prefix + key).catch(this.failed);
    }
  }
}
