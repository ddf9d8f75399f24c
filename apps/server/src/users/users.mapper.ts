import type { UpdateProfileInput, User } from '@natter/protocol';
import type { UserRow } from './user-row.js';
import type { OwnUserRow } from './users.repository.js';

export function toUser(row: UserRow, online: boolean): User {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    ...(row.about !== null && { about: row.about }),
    role: 'user',
    online,
    createdAt: row.created_at.toISOString(),
  };
}

/** A user as he sees himself. */
export function toOwnUser(row: OwnUserRow, online: boolean): User {
  return {
    ...toUser(row, online),
    privacy: {
      presence: row.presence_privacy,
      seen: row.seen_privacy,
      addToGroups: row.group_privacy,
    },
  };
}

/** The row as it is to be; what the input leaves out stays. */
export function changedProfile(
  row: OwnUserRow,
  { displayName, about, privacy }: UpdateProfileInput,
): OwnUserRow {
  return {
    ...row,
    display_name: displayName ?? row.display_name,
    about: about === undefined ? row.about : about || null,
    presence_privacy: privacy?.presence ?? row.presence_privacy,
    seen_privacy: privacy?.seen ?? row.seen_privacy,
    group_privacy: privacy?.addToGroups ?? row.group_privacy,
  };
}
