import type { Selectable } from 'kysely';
import type { UsersTable } from '../database/schema.js';

/** What others may see of a user, and who of them sees that he is online. */
export const userColumns = [
  'id',
  'username',
  'display_name',
  'about',
  'presence_privacy',
  'created_at',
] as const;
export type UserRow = Pick<Selectable<UsersTable>, (typeof userColumns)[number]>;
