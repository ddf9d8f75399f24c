import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Frame, FrameCutter } from './frames.js';

/** What goes wrong on the way, each as a chance from 0 to 1. */
export interface Faults {
  /** That a connection is cut, before or after a piece of it. */
  readonly cut: number;
  /** That an event, or a command, comes twice. */
  readonly double: number;
  /** That an event is overtaken by later ones. */
  readonly shuffle: number;
  /** By how much each piece comes later, at most. */
  readonly delayMs: number;
  /** How fast each connection carries each way, at most; without it as fast as it can. */
  readonly bytesPerSecond?: number;
}

export const noFaults: Faults = { cut: 0, double: 0, shuffle: 0, delayMs: 0 };

const HEADER_END = '\r\n\r\n';
/** For how long an event that is overtaken is held back, where nothing overtakes it. */
const HELD_MS = 40;

/** An event: Socket.IO's packet without an id to answer. */
const EVENT = /^42\[/;
/** A command that is to be answered. */
const COMMAND = /^42\d+\[/;

/** One way of a connection: takes what comes, and hands it on later, twice, in another order, or not at all. */
class Way {
  private readonly cutter = new FrameCutter();
  private isUpgraded = false;
  private held: Frame | undefined;
  private order: Promise<void> = Promise.resolve();

  constructor(
    private readonly proxy: FaultProxy,
    private readonly to: Socket,
    private readonly cut: () => void,
    private readonly isForgotten: () => boolean,
  ) {}

  push(chunk: Buffer): void {
    if (this.isUpgraded) {
      for (const frame of this.cutter.push(chunk)) this.pass(frame);
      return;
    }
    const isUpgrade = /^(HTTP\/1\.1 101 |GET [^\r]*transport=websocket)/.test(
      chunk.toString('latin1', 0, 200),
    );
    const end = isUpgrade ? chunk.indexOf(HEADER_END) : -1;
    if (end < 0) {
      this.hand(chunk);
      return;
    }
    this.isUpgraded = true;
    const header = end + HEADER_END.length;
    this.hand(chunk.subarray(0, header));
    for (const frame of this.cutter.push(chunk.subarray(header))) this.pass(frame);
  }

  private pass(frame: Frame): void {
    const { faults, random } = this.proxy;
    const isEvent = EVENT.test(frame.text ?? '');
    if (isEvent && !this.held && random() < faults.shuffle) {
      this.proxy.counts.shuffled += 1;
      this.held = frame;
      setTimeout(() => this.release(), HELD_MS);
      return;
    }
    this.hand(frame.bytes);
    if ((isEvent || COMMAND.test(frame.text ?? '')) && random() < faults.double) {
      this.proxy.counts.doubled += 1;
      this.hand(frame.bytes);
    }
    if (random() < 0.5) this.release();
  }

  private release(): void {
    const { held } = this;
    this.held = undefined;
    if (held) this.hand(held.bytes);
  }

  private hand(bytes: Buffer): void {
    const { faults, random } = this.proxy;
    const isCut = random() < faults.cut;
    if (isCut && random() < 0.5) {
      this.proxy.counts.cut += 1;
      this.cut();
      return;
    }
    const { bytesPerSecond = Number.POSITIVE_INFINITY } = faults;
    const delayMs = random() * faults.delayMs + (bytes.length / bytesPerSecond) * 1000;
    this.order = this.order.then(async () => {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (!this.to.destroyed && !this.isForgotten()) this.to.write(bytes);
      if (!isCut) return;
      this.proxy.counts.cut += 1;
      this.cut();
    });
  }
}

/**
 * A way to a server that cuts, doubles, shuffles, delays and throttles, as the numbers of `random` have it. Frames of a
 * WebSocket are kept whole: what comes twice or later is a message.
 */
export class FaultProxy {
  faults: Faults = noFaults;
  readonly counts = { cut: 0, doubled: 0, shuffled: 0 };
  private isDown = false;
  private readonly sockets = new Set<Socket>();
  /** Counts how often connections were forgotten: one that is older than that is half-open. */
  private age = 0;
  private server: Server | undefined;
  private address = '';

  private constructor(
    private readonly upstream: URL,
    readonly random: () => number,
  ) {}

  static async start(upstream: string, random: () => number = Math.random): Promise<FaultProxy> {
    const proxy = new FaultProxy(new URL(upstream), random);
    await proxy.listen();
    return proxy;
  }

  get url(): string {
    return this.address;
  }

  /** As in a plane: nothing gets through, until `rise`. */
  fall(): void {
    this.isDown = true;
    this.cutAll();
  }

  rise(): void {
    this.isDown = false;
  }

  /**
   * As a router that was restarted: all connections that there are stay open at both ends, and nothing comes through them
   * any more. New ones are as ever.
   */
  forgetAll(): void {
    this.age += 1;
  }

  /** Ends all connections at once. */
  cutAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    const { server } = this;
    await new Promise<void>((resolve) => {
      if (!server) {
        resolve();
        return;
      }
      server.close(() => resolve());
      this.cutAll();
    });
  }

  private async listen(): Promise<void> {
    const server = createServer((client) => this.carry(client));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    this.address = `http://127.0.0.1:${port}`;
  }

  private carry(client: Socket): void {
    if (this.isDown) {
      client.destroy();
      return;
    }
    const origin = connect(Number(this.upstream.port), this.upstream.hostname);
    const { age } = this;
    const isForgotten = (): boolean => this.age > age;
    const cut = (): void => {
      for (const socket of [client, origin]) {
        socket.destroy();
        this.sockets.delete(socket);
      }
    };
    for (const [from, to] of [
      [client, origin],
      [origin, client],
    ] as const) {
      const way = new Way(this, to, cut, isForgotten);
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => way.push(chunk));
      from.on('error', () => from.destroy());
      // Of a connection that is forgotten no end learns what the other does.
      from.on('close', () => (isForgotten() ? this.sockets.delete(from) : cut()));
    }
  }
}
