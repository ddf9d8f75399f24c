import type { UserId } from '@natter/protocol';
import { type Clock, pause } from './clock.js';
import type { Brain } from './engine/brain.js';

/** What is shown in one go is asked for in one request. */
const PATIENCE_MS = 20;
/** As many as one request may name. */
const USERS = 100;

interface Group {
  readonly ids: Set<UserId>;
  readonly met: Promise<void>;
}

/** Asks the server who users are that are named by their ids alone, many at once. */
export class Introductions {
  private next: Group | undefined;

  constructor(
    private readonly brain: Brain,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the server was asked for a user, whether it knows one or not. */
  meet(id: UserId): Promise<void> {
    this.next ??= this.gather();
    this.next.ids.add(id);
    return this.next.met;
  }

  private gather(): Group {
    const ids = new Set<UserId>();
    return { ids, met: pause(this.clock, PATIENCE_MS).then(() => this.ask(ids)) };
  }

  private async ask(ids: ReadonlySet<UserId>): Promise<void> {
    this.next = undefined;
    const all = [...ids];
    for (let from = 0; from < all.length; from += USERS) {
      await this.brain.loadUsers(all.slice(from, from + USERS));
    }
  }
}
