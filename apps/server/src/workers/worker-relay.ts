import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import * as z from 'zod/mini';
import { CARRYING_LIMIT_BYTES, Relay, type Topic } from '../relay/relay.js';
import { WorkerMessage } from './worker-message.js';

/** The relay between the workers of one machine: their primary process carries it. */
export class WorkerRelay
  extends Relay
  implements OnApplicationBootstrap, BeforeApplicationShutdown
{
  readonly reachesOthers = true;
  private sendingBytes = 0;
  private readonly receive = (message: unknown): void => {
    const { data: heard } = z.safeParse(WorkerMessage, message);
    if (heard) this.deliver(heard.topic, JSON.parse(heard.text), heard.from);
  };

  /** Without the primary the worker ends, too. */
  get isHealthy(): boolean {
    return process.connected;
  }

  onApplicationBootstrap(): void {
    process.on('message', this.receive);
  }

  beforeApplicationShutdown(): void {
    process.off('message', this.receive);
  }

  send(topic: Topic, message: unknown): void {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    if (!process.connected || this.sendingBytes + bytes > CARRYING_LIMIT_BYTES) return;
    this.sendingBytes += bytes;
    const carried: WorkerMessage = { natter: 'relay', from: this.nodeId, topic, text };
    process.send?.(carried, undefined, undefined, () => {
      this.sendingBytes -= bytes;
    });
  }
}
