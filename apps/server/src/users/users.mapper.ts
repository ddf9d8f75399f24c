import type { UpdateProfileInput, User } from '@natter/protocol';
import { avatarUrl } from '../streams/message-row.js';
import type { UserRow } from './user-row.js';
import type { OwnUserRow } from './users.repository.js';

/** What a reader may know of a user's presence. */
export type SeenPresence = 'online' | 'offline' | 'hidden';

export function toUser(row: UserRow, presence: SeenPresence): User {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    ...(row.about !== null && { about: row.about }),
    ...(row.avatar !== null && { avatarUrl: avatarUrl(row.avatar) }),
    role: 'user',
    online: presence === 'online',
    ...(presence === 'offline' &&
      row.last_seen_at && { lastSeenAt: row.last_seen_at.toISOString() }),
    createdAt: row.created_at.toISOString(),
  };
}

/** A user as he sees himself. */
export function toOwnUser(row: OwnUserRow, presence: SeenPresence): User {
  return {
    ...toUser(row, presence),
    privacy: {
      presence: row.presence_privacy,
      seen: row.seen_privacy,
      addToGroups: row.group_privacy,
    },
  };
}

/**
 * The row as it is to be; what the input leaves out stays.
 *
 * @param avatar The name of the new avatar; `null`: none any more.
 */
export function changedProfile(
  row: OwnUserRow,
  { displayName, about, privacy }: UpdateProfileInput,
  avatar: string | null | undefined,
): OwnUserRow {
  return {
    ...row,
    display_name: displayName ?? row.display_name,
    about: about === undefined ? row.about : about || null,
    avatar: avatar === undefined ? row.avatar : avatar,
    presence_privacy: privacy?.presence ?? row.presence_privacy,
    seen_privacy: privacy?.seen ?? row.seen_privacy,
    group_privacy: privacy?.addToGroups ?? row.group_privacy,
  };
}
