import * as z from 'zod/mini';
import { Timestamp, UserId } from './primitives.js';
import { Sender } from './users.js';

/** Who came online, or went offline, to those who may know (PRES-1). */
export const UserOnline = z.object({ userId: UserId });
export const UserOffline = z.object({ userId: UserId, lastSeenAt: Timestamp });
/** A user as he is called from now on. */
export const UserUpdated = z.object({ user: Sender });
