import { type FileHandle, open } from 'node:fs/promises';

/**
 * How far a line must get before anybody goes on: to the `disk`, where it survives a power cut, or to the `system`,
 * where it survives the end of this process.
 */
export type Flush = 'disk' | 'system';

/** An append-only JSON Lines file. */
export class JsonLines<T> {
  private readonly waiting: string[] = [];
  private flushed: Promise<void> = Promise.resolve();
  private scheduled = false;

  private constructor(
    private readonly handle: FileHandle,
    private readonly flushTo: Flush,
  ) {}

  /** @throws where the file exists. */
  static async create<T>(path: string, flushTo: Flush): Promise<JsonLines<T>> {
    return new JsonLines<T>(await open(path, 'ax', 0o600), flushTo);
  }

  /** Resolves once the line is flushed. Lines that come while a flush runs share the next one. */
  append(line: T): Promise<void> {
    this.waiting.push(`${JSON.stringify(line)}\n`);
    if (!this.scheduled) {
      this.scheduled = true;
      this.flushed = this.flushed.then(() => this.flush());
    }
    return this.flushed;
  }

  /** Flushes what was appended and closes the file. */
  async close(): Promise<void> {
    await this.flushed;
    await this.handle.close();
  }

  private async flush(): Promise<void> {
    this.scheduled = false;
    await this.handle.appendFile(this.waiting.splice(0).join(''));
    if (this.flushTo === 'disk') await this.handle.datasync();
  }
}
