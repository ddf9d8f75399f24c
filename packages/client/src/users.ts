import type { RouteOutput, User, UserId } from '@natter/protocol';
import type { ChatContext } from './chat.js';
import { toUserId } from './ids.js';
import { Introductions } from './introductions.js';
import { type Loadable, loadedOnDemand } from './loadable.js';
import { isShallowEqual, type Readable, select } from './readable.js';
import type { RequestParts } from './transport/http.js';
import type { Person } from './views/people.js';

/** Users, among them the one who is logged in. */
export class Users {
  /** Whom this user blocks, the last one first. */
  readonly blocked: Readable<readonly UserId[]>;
  private readonly introductions: Introductions;

  constructor(private readonly context: ChatContext) {
    this.introductions = new Introductions(context.brain, context.clock);
    this.blocked = select(
      context.brain.model,
      ({ state }) => [...(state?.blocked ?? [])],
      isShallowEqual,
    );
  }

  /**
   * A user as he is called now, and whether he is online. One who was never met, as of a system message, is asked for while
   * he is followed, together with the others of the moment; `undefined` until then, and where there is none.
   */
  person(id: string): Loadable<Person | undefined> {
    const userId = toUserId(id);
    const { brain, views } = this.context;
    return loadedOnDemand(
      select(brain.model, () => views.person(userId)),
      brain,
      {
        missing: () => (views.person(userId) ? undefined : userId),
        load: () => this.introductions.meet(userId),
      },
    );
  }

  /** A page of the directory, or of those whose names begin with a query. */
  search(query?: string, cursor?: string): Promise<RouteOutput<'listUsers'>> {
    return this.context.brain.request('listUsers', { query: { query, cursor } });
  }

  /** @throws {ChatError} `NOT_FOUND` where there is none. */
  get(id: string): Promise<User> {
    return this.context.brain.request('getUser', { params: { id: toUserId(id) } });
  }

  async block(id: string): Promise<void> {
    await this.context.brain.request('blockUser', { params: { id: toUserId(id) } });
  }

  async unblock(id: string): Promise<void> {
    await this.context.brain.request('unblockUser', { params: { id: toUserId(id) } });
  }

  /** Changes the user's own name, what he tells of himself, and his privacy. */
  updateProfile(body: NonNullable<RequestParts<'updateProfile'>['body']>): Promise<User> {
    return this.context.brain.request('updateProfile', { body });
  }
}
