import * as z from 'zod/mini';
import { avatarMediaId } from './media.js';
import {
  PageQuery,
  Timestamp,
  UserId,
  displayLine,
  optionalInput,
  storableText,
} from './primitives.js';

const ABOUT_LENGTH = 512;
const SEARCH_LENGTH = 256;
const KNOWN_USERS = 100;

/** Kept as typed, unique without regard to case (AUTH-4). */
export const Username = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$/));

export const DisplayName = displayLine(64);

/** What a user tells of himself: up to 512 code points after trimming, on as many lines as he likes. */
export const About = storableText.check(
  z.trim(),
  z.refine(
    (text) => Array.from(text).length <= ABOUT_LENGTH,
    `must be at most ${ABOUT_LENGTH} characters`,
  ),
);

const presencePrivacy = z.enum(['contacts', 'nobody']);
const groupPrivacy = z.enum(['all', 'contacts']);

/** Who sees that a user is online, whether others are told what he has seen, and who adds him to groups. */
export const Privacy = z
  .object({ presence: presencePrivacy, seen: z.boolean(), addToGroups: groupPrivacy })
  .register(z.globalRegistry, { id: 'Privacy' });
export type Privacy = z.output<typeof Privacy>;

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
    /** For the user himself alone. */
    privacy: z.optional(Privacy),
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

export const UserParams = z.object({ id: UserId });

/** Ids in a query string, separated by commas or each under the name again. */
const idList = z.pipe(
  z.transform((value: unknown) => {
    const lists: unknown[] = Array.isArray(value) ? value : [value];
    return lists.flatMap((list) => (typeof list === 'string' ? list.split(',') : [list]));
  }),
  z.array(UserId).check(z.maxLength(KNOWN_USERS)),
);

/** With `ids`, the users of these ids; else a page of the directory. */
export const ListUsersQuery = z.object({
  ...PageQuery.shape,
  query: z.optional(storableText.check(z.trim(), z.maxLength(SEARCH_LENGTH))),
  ids: z.optional(idList),
});
export type ListUsersQuery = z.output<typeof ListUsersQuery>;

/** What is absent stays as it is; without `about`, by `null` or by an empty text, there is none; so with the avatar. */
export const UpdateProfileInput = z.object({
  displayName: optionalInput(DisplayName),
  about: z.nullish(About),
  avatarMediaId,
  privacy: optionalInput(
    z.object({
      presence: optionalInput(presencePrivacy),
      seen: optionalInput(z.boolean()),
      addToGroups: optionalInput(groupPrivacy),
    }),
  ),
});
export type UpdateProfileInput = z.output<typeof UpdateProfileInput>;
