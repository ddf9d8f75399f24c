import * as z from 'zod/mini';
import { Message, MessageKind } from './messages.js';
import { ChatId, Cursor, PageQuery, storableText, UserId } from './primitives.js';

const QUERY_LENGTH = 256;

const moment = z.iso.datetime({ offset: true });

/** All of it must fit a message. `since` is included, `until` is not. */
export const SearchMessagesQuery = z.object({
  ...PageQuery.shape,
  query: storableText.check(z.trim(), z.minLength(1), z.maxLength(QUERY_LENGTH)),
  chatId: z.optional(ChatId),
  senderId: z.optional(UserId),
  kind: z.optional(MessageKind),
  since: z.optional(moment),
  until: z.optional(moment),
});
export type SearchMessagesQuery = z.output<typeof SearchMessagesQuery>;

/** The part of a text that fits the query. Ranges are half-open, in UTF-16 units of `text`, and ascend. */
export const SearchSnippet = z.object({
  text: z.string(),
  ranges: z.array(z.tuple([z.int(), z.int()])),
});
export type SearchSnippet = z.output<typeof SearchSnippet>;

export const SearchHit = z.object({ message: Message, chatId: ChatId, snippet: SearchSnippet });
export type SearchHit = z.output<typeof SearchHit>;

/** `partial` where the server gave up before it had looked at everything; `nextCursor` goes on from there. */
export const SearchPage = z.object({
  items: z.array(SearchHit),
  nextCursor: z.optional(Cursor),
  partial: z.optional(z.literal(true)),
});
export type SearchPage = z.output<typeof SearchPage>;
