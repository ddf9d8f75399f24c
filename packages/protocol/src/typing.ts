import * as z from 'zod/mini';
import { ChatId, UserId } from './primitives.js';

export const TypingInput = z.object({ chatId: ChatId });
export const TypingOutput = z.object({});

/** Who types in which chat, or does so no longer (TYP-1). */
export const Typing = z.object({ chatId: ChatId, userId: UserId });
export type Typing = z.output<typeof Typing>;
