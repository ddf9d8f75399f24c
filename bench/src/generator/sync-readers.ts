import { mapSome, numbersBelow } from '../concurrency.js';
import { CommandSocket } from './command-socket.js';
import type { ReadFigures, SyncRuns } from './contract.js';
import { countIn, cursorIn, hasMoreIn } from './frames.js';
import { type ReadOutcome, runReadLoop } from './read-loop.js';

const CONNECTING_AT_ONCE = 20;
const NEW_MESSAGE = Buffer.from('"event":"newMessage"');

interface Reader {
  readonly socket: CommandSocket;
  readonly cursor: string;
}

/** Devices that know where they stood when they were opened, and ask again and again what they have missed since. */
export class SyncReaders {
  private readers: readonly Reader[] = [];

  async open(url: string, tokens: readonly string[]): Promise<void> {
    this.readers = await mapSome(tokens, CONNECTING_AT_ONCE, async (token) => {
      const socket = await CommandSocket.connect(url, token);
      return { socket, cursor: cursorIn(await socket.ask('sync', {})) };
    });
  }

  /** A read is a whole run of pages; what is between the pages does not count. */
  run(options: SyncRuns): Promise<ReadFigures> {
    // One reader asks for one run at a time.
    const free = numbersBelow(this.readers.length);
    return runReadLoop(options, async () => {
      const reader = free.shift() ?? 0;
      try {
        return await this.catchUp(this.readers[reader], options);
      } finally {
        free.push(reader);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map(({ socket }) => socket.close()));
  }

  private async catchUp(
    reader: Reader | undefined,
    { messages, limit }: SyncRuns,
  ): Promise<ReadOutcome> {
    if (!reader) throw new Error('Unable to sync; nobody is connected');
    let { cursor } = reader;
    let [ms, bytes, found] = [0, 0, 0];
    for (let hasMore = true; hasMore;) {
      const startMs = performance.now();
      const frame = await reader.socket.ask('sync', { cursor, limit });
      ms += performance.now() - startMs;
      bytes += frame.length;
      found += countIn(frame, NEW_MESSAGE);
      cursor = cursorIn(frame);
      hasMore = hasMoreIn(frame);
    }
    const wrongAnswer = found === messages ? undefined : `${found} messages`;
    return { ms, bytes, wrongAnswer };
  }
}
