import { join } from 'node:path';
import { JsonLines } from '@natter/replay';

/** What somebody is about to say. */
export interface Saying {
  readonly room: string;
  readonly nick: string;
  readonly text: string;
}

/** What was to be sent, written down before it is: the checker compares it with what is there afterwards. */
export class SourceFile {
  private lines = 0;

  private constructor(
    readonly path: string,
    private readonly file: JsonLines<Saying & { readonly at: string }>,
  ) {}

  static async create(folder: string): Promise<SourceFile> {
    const path = join(folder, 'source.jsonl');
    return new SourceFile(path, await JsonLines.create(path, 'system'));
  }

  /** Resolves with the number of the line, from 1, once it is written. */
  async append(saying: Saying): Promise<number> {
    this.lines += 1;
    const line = this.lines;
    await this.file.append({ ...saying, at: new Date().toISOString() });
    return line;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
