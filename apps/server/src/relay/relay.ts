import { randomUUID } from 'node:crypto';

/** What nodes tell each other of; each topic has one owner, who alone sends and reads it. */
export const topics = ['commits', 'typing', 'devices', 'presence', 'rates', 'logins'] as const;
export type Topic = (typeof topics)[number];

/** What may be on its way to another process; more is dropped, and comes to the others by what is stored. */
export const CARRYING_LIMIT_BYTES = 16 * 1024 * 1024;

/** @param from The node that sent it. */
export type RelayListener = (message: unknown, from: string) => void;

/**
 * Carries what nodes tell each other, at once and without any promise: it may lose, double and reorder. Nothing durable
 * depends on it. What a node sends comes to all others, and not back to itself.
 */
export abstract class Relay {
  /** This node, for as long as its process lives. */
  readonly nodeId = randomUUID();
  private readonly listeners = new Map<Topic, RelayListener[]>();
  private readonly healthListeners: ((isHealthy: boolean) => void)[] = [];

  /** Whether there may be other nodes that hear of this one through it. */
  abstract readonly reachesOthers: boolean;
  /** Whether what is sent comes through at this moment, as far as it can be known. */
  abstract readonly isHealthy: boolean;

  /** @param message Anything that JSON can hold. */
  abstract send(topic: Topic, message: unknown): void;

  subscribe(topic: Topic, listener: RelayListener): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  /** The listener is told of each change of `isHealthy`. */
  subscribeToHealth(listener: (isHealthy: boolean) => void): void {
    this.healthListeners.push(listener);
  }

  protected deliver(topic: Topic, message: unknown, from: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(message, from);
  }

  protected tellHealth(isHealthy: boolean): void {
    for (const listener of this.healthListeners) listener(isHealthy);
  }
}

/** The relay of a node that is alone, or that others know of by the database alone. */
export class NoRelay extends Relay {
  readonly reachesOthers = false;
  readonly isHealthy = true;

  send(): void {
    // There is nobody to tell.
  }
}
