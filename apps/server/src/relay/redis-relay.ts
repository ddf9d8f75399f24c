import { createClient } from '@redis/client';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { CARRYING_LIMIT_BYTES, Relay, type Topic, topics } from './relay.js';

type Client = ReturnType<typeof newClient>;

const PREFIX = 'natter:';
/** A channel on which each node hears itself: that it does shows that everything works, both ways. */
const ECHO_CHANNEL = `${PREFIX}echo`;
const ECHO_INTERVAL_MS = 500;
/** Without an echo for this long the relay counts as unwell. */
const ECHO_PATIENCE_MS = 1500;
const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_MS = { first: 50, most: 1000 };

function newClient(url: string) {
  return createClient({
    url,
    name: 'natter',
    // What cannot be sent now is of no use later.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries: number) =>
        Math.min(RECONNECT_MS.first * 2 ** retries, RECONNECT_MS.most) * (0.5 + Math.random()),
    },
  });
}

/**
 * The relay through a Redis or Valkey that all nodes share, by its publish and subscribe alone: it stores nothing. While
 * Redis is away, also at the start, the node goes on and tries to reach it.
 */
@Injectable()
export class RedisRelay
  extends Relay
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly reachesOthers = true;
  private readonly sender: Client;
  private readonly receiver: Client;
  private sendingBytes = 0;
  private heardAt = Number.NEGATIVE_INFINITY;
  private wasHealthy = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    url: string,
    private readonly logger: Logger,
  ) {
    super();
    this.sender = newClient(url);
    this.receiver = newClient(url);
    // Each attempt fails with an error; the log is told when that begins and when it is over.
    for (const client of [this.sender, this.receiver]) {
      client.on('error', (error: Error) =>
        this.logger.debug({ error: error.message }, 'unable to reach Redis; trying again'),
      );
    }
  }

  get isHealthy(): boolean {
    return performance.now() - this.heardAt < ECHO_PATIENCE_MS;
  }

  onApplicationBootstrap(): void {
    void this.connect(this.sender);
    void this.connect(this.receiver).then(() => this.listen());
    this.timer = setInterval(() => this.beat(), ECHO_INTERVAL_MS);
    this.beat();
  }

  /** Nobody is heard any more, and what this node still does is told until its connections close. */
  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.receiver.destroy();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.sender.isReady) await this.sender.close().catch(() => undefined);
    else this.sender.destroy();
  }

  send(topic: Topic, message: unknown): void {
    this.publish(`${PREFIX}${topic}`, `${this.nodeId} ${JSON.stringify(message)}`);
  }

  private async connect(client: Client): Promise<void> {
    try {
      await client.connect();
    } catch (error) {
      // Only where the node stops meanwhile: it is tried for ever.
      this.logger.debug({ error }, 'gave up to reach Redis');
    }
  }

  /** The client subscribes again by itself whenever it connects again. */
  private async listen(): Promise<void> {
    try {
      for (const topic of topics) {
        await this.receiver.subscribe(`${PREFIX}${topic}`, (text) => this.receive(topic, text));
      }
      await this.receiver.subscribe(ECHO_CHANNEL, (text) => {
        if (text === this.nodeId) this.heardAt = performance.now();
        this.noteHealth();
      });
    } catch (error) {
      this.logger.warn({ error }, 'unable to listen to Redis; the other nodes are heard late');
    }
  }

  private receive(topic: Topic, text: string): void {
    const end = text.indexOf(' ');
    const from = text.slice(0, end);
    if (from === this.nodeId) return;
    try {
      this.deliver(topic, JSON.parse(text.slice(end + 1)), from);
    } catch (error) {
      this.logger.warn({ error, topic }, 'unable to read what another node has sent');
    }
  }

  private publish(channel: string, text: string): void {
    const bytes = Buffer.byteLength(text);
    if (!this.sender.isReady || this.sendingBytes + bytes > CARRYING_LIMIT_BYTES) return;
    this.sendingBytes += bytes;
    this.sender
      .publish(channel, text)
      .catch(() => undefined)
      .finally(() => {
        this.sendingBytes -= bytes;
      });
  }

  private beat(): void {
    this.publish(ECHO_CHANNEL, this.nodeId);
    this.noteHealth();
  }

  private noteHealth(): void {
    const { isHealthy } = this;
    if (isHealthy === this.wasHealthy) return;
    this.wasHealthy = isHealthy;
    if (isHealthy) this.logger.info('Redis is reached; other nodes are heard at once');
    else this.logger.warn('Redis is away; what other nodes do comes a little later');
    this.tellHealth(isHealthy);
  }
}
