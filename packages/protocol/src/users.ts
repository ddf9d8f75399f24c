import * as z from 'zod/mini';
import { Timestamp, UserId, displayLine } from './primitives.js';

/** Kept as typed, unique without regard to case (AUTH-4). */
export const Username = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$/));

export const DisplayName = displayLine(64);

export const User = z
  .object({
    id: UserId,
    username: z.string(),
    displayName: z.string(),
    about: z.optional(z.string()),
    avatarUrl: z.optional(z.string()),
    role: z.enum(['user']),
    online: z.boolean(),
    lastSeenAt: z.optional(Timestamp),
    createdAt: Timestamp,
  })
  .register(z.globalRegistry, { id: 'User' });
export type User = z.output<typeof User>;

/** Who wrote a message, as he is called today. */
export const Sender = z
  .object({
    id: UserId,
    username: z.string(),
    displayName: z.string(),
    avatarUrl: z.optional(z.string()),
  })
  .register(z.globalRegistry, { id: 'Sender' });
export type Sender = z.output<typeof Sender>;
