import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Relay } from '../relay/relay.js';
import type { Commit } from './commit.js';
import { fromCommitMessage, toCommitMessage } from './commit-message.js';

/** Whether a commit is of this node, or of another one. */
export type Origin = 'here' | 'elsewhere';

export type BusListener = (commit: Commit, origin: Origin) => void;

/**
 * Carries commits to the dispatchers at once. It may lose, double and reorder them: the tail makes certain what the
 * bus makes fast.
 */
export abstract class Bus {
  abstract publish(commit: Commit): void;
  abstract subscribe(listener: BusListener): void;
}

/** The bus within a node. */
@Injectable()
export class InProcessBus extends Bus {
  private readonly listeners: BusListener[] = [];

  publish(commit: Commit): void {
    this.tell(commit, 'here');
  }

  subscribe(listener: BusListener): void {
    this.listeners.push(listener);
  }

  protected tell(commit: Commit, origin: Origin): void {
    for (const listener of this.listeners) listener(commit, origin);
  }
}

/** The bus between nodes: what one commits, its own sockets get first, and the others hear of it through the relay. */
export class RelayedBus extends InProcessBus {
  constructor(
    private readonly relay: Relay,
    logger: Logger,
  ) {
    super();
    relay.subscribe('commits', (message) => {
      const commit = fromCommitMessage(message);
      if (commit) this.tell(commit, 'elsewhere');
      else logger.debug('another node told of a commit that this version does not understand');
    });
  }

  override publish(commit: Commit): void {
    super.publish(commit);
    this.relay.send('commits', toCommitMessage(commit));
  }
}
