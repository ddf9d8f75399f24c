import type { Readable } from 'node:stream';
import { defaultOptions } from 'tus-js-client';

type FileReader = typeof defaultOptions.fileReader;

/** Whether this is the make of the library for Node, which sends streams and knows nothing of blobs. */
export function needsStreams(): boolean {
  return defaultOptions.httpStack.getName() === 'NodeHttpStack';
}

/** Not to be followed by what bundles for browsers. */
const STREAMS = 'node:stream';

/** Reads blobs as streams of Node, so that no more of a file is in memory than what is on its way. */
export class BlobReader implements FileReader {
  private readonly open = new Set<Readable>();
  private failed: (error: unknown) => void = () => undefined;

  /** Calls back where a blob cannot be read, as when its file is gone. */
  onFailure(failed: (error: unknown) => void): void {
    this.failed = failed;
  }

  readonly openFile: FileReader['openFile'] = async (content: Blob) => {
    const { Readable }: typeof import('node:stream') = await import(STREAMS);
    const slice = async (start: number, end: number) => {
      const part = content.slice(start, end);
      const stream = Readable.from(part.stream());
      this.open.add(stream);
      stream.on('error', (error) => this.failed(error));
      stream.on('close', () => this.open.delete(stream));
      return { value: Object.assign(stream, { size: part.size }), done: end >= content.size };
    };
    return { size: content.size, slice, close: () => undefined };
  };

  /** Nothing more is read. */
  end(): void {
    for (const stream of this.open) stream.destroy();
  }
}
