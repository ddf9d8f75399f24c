import type { Selectable } from 'kysely';
import type { UsersTable } from '../database/schema.js';

/** What others may see of a user, and who of them sees his presence. */
export const userColumns = [
  'id',
  'username',
  'display_name',
  'about',
  'avatar',
  'presence_privacy',
  'last_seen_at',
  'created_at',
] as const;
export type UserRow = Pick<Selectable<UsersTable>, (typeof userColumns)[number]>;
