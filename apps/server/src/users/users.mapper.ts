import type { User } from '@natter/protocol';
import type { UserRow } from './users.repository.js';

export function toUser(row: UserRow, online: boolean): User {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    role: 'user',
    online,
    createdAt: row.created_at.toISOString(),
  };
}
