import type { Sender, UserId } from '@natter/protocol';
import type { ClientState } from '../core/index.js';

/** A user as far as this one may see him. */
export interface Person extends Sender {
  readonly online: boolean;
  readonly lastSeenAt?: string;
}

interface Shown {
  readonly user: Sender | undefined;
  readonly presence: unknown;
  readonly person: Person;
}

/** Everybody as he is shown: the same object until he is called otherwise, comes or goes. */
export class People {
  private readonly shown = new Map<UserId, Shown>();

  /** Of somebody who is not known (yet), the names are empty. */
  of({ users, presence }: ClientState, id: UserId): Person {
    const [user, there] = [users.get(id), presence.get(id)];
    const known = this.shown.get(id);
    if (known && known.user === user && known.presence === there) return known.person;
    const person: Person = {
      ...(user ?? { id, username: '', displayName: '' }),
      online: there?.online ?? false,
      ...(there?.lastSeenAt !== undefined && { lastSeenAt: there.lastSeenAt }),
    };
    this.shown.set(id, { user, presence: there, person });
    return person;
  }
}
