import { setTimeout as delay } from 'node:timers/promises';
import { FaultProxy, type Faults, noFaults } from '@natter/testing/fault-proxy';

/** How the network between clients and nodes is. Events are never shuffled: what raw sockets promise is their order. */
export const weathers = {
  fair: noFaults,
  poor: { cut: 0.0005, double: 0.01, shuffle: 0, delayMs: 5 },
  stormy: { cut: 0.005, double: 0.1, shuffle: 0, delayMs: 40, bytesPerSecond: 64 * 1024 },
} as const satisfies Record<string, Faults>;

export type Weather = keyof typeof weathers;

/** How often each way does something to all of its connections at once: ends them, or forgets them. */
const OUTAGE_EVERY_MS = { fair: undefined, poor: 30_000, stormy: 10_000 } as const;

/** A way to each node that is as good as the weather. */
export class Network {
  private readonly outages = new AbortController();

  private constructor(private readonly ways: readonly FaultProxy[]) {}

  static async start(urls: readonly string[], weather: Weather): Promise<Network> {
    const ways = await Promise.all(urls.map((url) => FaultProxy.start(url)));
    for (const way of ways) way.faults = weathers[weather];
    const network = new Network(ways);
    const everyMs = OUTAGE_EVERY_MS[weather];
    if (everyMs !== undefined) void network.breakDown(everyMs);
    return network;
  }

  get urls(): string[] {
    return this.ways.map(({ url }) => url);
  }

  /** How many connections were cut, and messages doubled. */
  get counts(): { cut: number; doubled: number } {
    const sum = (of: (way: FaultProxy) => number) =>
      this.ways.reduce((total, way) => total + of(way), 0);
    return { cut: sum(({ counts }) => counts.cut), doubled: sum(({ counts }) => counts.doubled) };
  }

  /** From now on nothing goes wrong any more. */
  clearUp(): void {
    this.outages.abort();
    for (const way of this.ways) way.faults = noFaults;
  }

  async stop(): Promise<void> {
    this.clearUp();
    await Promise.all(this.ways.map((way) => way.stop()));
  }

  private async breakDown(everyMs: number): Promise<void> {
    const { signal } = this.outages;
    for (let round = 0; ; round += 1) {
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      for (const way of this.ways) {
        if (round % 2 === 0) way.cutAll();
        else way.forgetAll();
      }
    }
  }
}
