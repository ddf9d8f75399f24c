import { setTimeout as wait } from 'node:timers/promises';
import { mapSome, numbersBelow } from '../concurrency.js';
import { cpuSecondsOf, cpuSecondsOfFamily } from '../processes/proc.js';
import { percentile } from '../statistics.js';
import { CommandSocket } from './command-socket.js';
import type { OpenClients, Reconnect, StormFigures } from './contract.js';
import { countIn, cursorIn } from './frames.js';

const OPENING_AT_ONCE = 50;
const RETRY_MS = 250;
const ATTEMPTS = 60;

interface Client {
  readonly token: string;
  socket: CommandSocket;
  cursor: string;
}

/** Clients that have all caught up, lose their connections in one moment, and all come back as fast as they can. */
export class Storm {
  private url = '';
  private clients: Client[] = [];
  private refused = 0;
  private refusal = '';

  async open({ url, tokens, connections }: OpenClients): Promise<void> {
    this.url = url;
    this.clients = await mapSome(numbersBelow(connections), OPENING_AT_ONCE, async (number) => {
      const token = tokens[number % tokens.length] ?? '';
      const socket = await CommandSocket.connect(url, token);
      return { token, socket, cursor: cursorIn(await socket.ask('sync', {})) };
    });
  }

  cut(): void {
    for (const { socket } of this.clients) socket.cut();
  }

  /** A client is live again when it is connected and has synced what it missed. */
  async reconnect({ missedId, serverId, databaseId }: Reconnect): Promise<StormFigures> {
    const missed = Buffer.from(`"id":"${missedId}"`);
    [this.refused, this.refusal] = [0, ''];
    const cpu = () => ({
      server: cpuSecondsOf(serverId),
      database: databaseId === undefined ? 0 : cpuSecondsOfFamily(databaseId),
    });
    const before = cpu();
    const startMs = performance.now();
    const returns = await Promise.all(
      this.clients.map(async (client) => {
        const frame = await this.comeBack(client);
        return { atMs: performance.now() - startMs, found: countIn(frame, missed) };
      }),
    );
    const after = cpu();
    const times = returns.map(({ atMs }) => atMs).toSorted((a, b) => a - b);
    return {
      clients: returns.length,
      caughtUp: returns.filter(({ found }) => found === 1).length,
      allLiveMs: times.at(-1) ?? Number.NaN,
      halfLiveMs: percentile(times, 0.5),
      refused: this.refused,
      refusal: this.refusal,
      serverCpuSeconds: after.server - before.server,
      databaseCpuSeconds: after.database - before.database,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map(({ socket }) => socket.close()));
  }

  /** @throws where it is refused again and again. */
  private async comeBack(client: Client): Promise<Buffer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        client.socket = await CommandSocket.connect(this.url, client.token);
        const frame = await client.socket.ask('sync', { cursor: client.cursor });
        client.cursor = cursorIn(frame);
        return frame;
      } catch (error) {
        this.refused += 1;
        this.refusal ||= error instanceof Error ? error.message : String(error);
        if (attempt === ATTEMPTS) throw error;
        await wait(RETRY_MS);
      }
    }
  }
}
