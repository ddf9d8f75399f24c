import * as z from 'zod/mini';
import { Device } from './auth.js';
import { Chat } from './chats.js';
import { Media } from './media.js';
import { Message } from './messages.js';
import { Cursor } from './primitives.js';
import { User } from './users.js';

const cursor = Cursor;

/**
 * One line of an export. An export that was broken off goes on behind the last whole line by its `cursor`. One that is
 * whole ends with `end`.
 */
export const ExportLine = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('profile'), cursor, user: User }),
    z.object({ type: z.literal('device'), cursor, device: Device }),
    z.object({ type: z.literal('block'), cursor, user: User }),
    /** Uploaded by the user, the oldest first; its bytes are at its `url`. */
    z.object({ type: z.literal('media'), cursor, media: Media }),
    z.object({ type: z.literal('chat'), cursor, chat: Chat }),
    /** Behind its chat, by `seq`. */
    z.object({ type: z.literal('message'), cursor, message: Message }),
    z.object({ type: z.literal('end') }),
  ])
  .register(z.globalRegistry, { id: 'ExportLine' });
export type ExportLine = z.output<typeof ExportLine>;

export const ExportQuery = z.object({ cursor: z.optional(Cursor) });
